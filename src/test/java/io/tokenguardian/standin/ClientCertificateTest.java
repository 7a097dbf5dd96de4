package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which requests the stand-in accepts with a client certificate (docs/api-server.md, Client certificates). */
class ClientCertificateTest {
    private static final String SELF = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().anonymous(true).start();
    }

    @Test
    void itDecidesBeforeAnyToken() throws Exception {
        Caller caller = Caller.with(server, server.clientCertificate("admin"));

        assertThat(caller.send(server.url(), "POST", SELF, "no-token", "{}").body())
                .contains("admin");
    }
}
