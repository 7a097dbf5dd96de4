package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An API server with {@code --goaway-chance} ends random connections (docs/api-server.md, HTTP/2 and GOAWAY). */
@Tag("envtest")
class GoawayIT {
    private static final String CHANCE = "0.02";

    /** With so many requests, an HTTP/2 connection survives by chance in only one of 24,000 runs. */
    private static final int REQUESTS = 500;

    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);

    @Test
    void goawayEndsHttp2ConnectionsButNotHttp1Connections() throws Exception {
        try (ApiServer server = plane.startAnother("--goaway-chance=" + CHANCE);
                ConnectionDealer first = new ConnectionDealer(List.of(server));
                ConnectionDealer second = new ConnectionDealer(List.of(server))) {
            Api http1 = caller(first, HttpClient.Version.HTTP_1_1);
            Api http2 = caller(second, HttpClient.Version.HTTP_2);
            while (second.dealt() < 2) {
                http2.get("/api").succeeded();
            }

            for (int i = 0; i < REQUESTS; i++) {
                http1.get("/api").succeeded();
            }

            assertThat(first.dealt()).isEqualTo(1);
        }
    }

    private Api caller(ConnectionDealer dealer, HttpClient.Version version) {
        return new Api(plane.files().anyone(), version, dealer.url(), account.token());
    }
}
