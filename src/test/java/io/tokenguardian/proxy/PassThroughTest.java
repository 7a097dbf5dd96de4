package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy of a guardian that is off. */
class PassThroughTest {
    private static final String PODS = "/api/v1/namespaces/default/pods";

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().start();
    }

    @Test
    void theTokenIsSentWithARequest() throws IOException {
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            String answer = caller.get(PODS, "").readAnswer();

            assertThat(answer).startsWith("HTTP/1.1 200 ").doesNotContain("token-guardian:");
        }
    }

    @Test
    void anEarly401IsPassedOnAtOnce() throws IOException {
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            server.replica(0).clock().offset(Duration.ofMinutes(-10));

            String answer = caller.get(PODS, "").readAnswer();

            assertThat(answer).startsWith("HTTP/1.1 401 ").doesNotContain("token-guardian:");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void aRequestWithoutATokenGetsAResponseThatExplainsIt() throws IOException {
        SettingsDraft soon = new SettingsDraft().passThrough().holdTimeout(Duration.ofMillis(50));
        try (RunningProxy proxy = StandIns.before(server, directory, soon);
                RawCaller caller = proxy.call()) {
            proxy.knowing(TokenStatuses.off(
                    TokenStatuses.of(Instant.now(), new Verdict.Unreadable("token file /token does not exist"))));

            String answer = caller.get(PODS, "").readAnswer();

            assertThat(answer)
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\"message\":\"token-guardian: no token to send: The guardian is off"
                            + " (guardian.disabled). Token file /token does not exist.\"");
        }
    }

    private RunningProxy proxy() throws IOException {
        return StandIns.before(server, directory, new SettingsDraft().passThrough())
                .using(server.issue());
    }
}
