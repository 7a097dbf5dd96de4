package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While only some replicas accept the token, requests go to these replicas. */
class PartlyAcceptedTest {

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().start();
    }

    private void replicas(Duration... offsets) throws IOException {
        server.close();
        server = StandInApiServer.builder().offsets(offsets).start();
    }

    private Token issue() {
        return TestTokens.parse(server.issue(TokenSpec.unextended()));
    }

    @Test
    void aTokenThatOneReplicaCallsExpiredGoesToTheOthers() throws Exception {
        // Given
        Duration ahead = Duration.ofMinutes(90);
        replicas(ahead, Duration.ZERO);
        Token token = TestTokens.parse(server.issue(1, TokenSpec.unextended().lifetime(Duration.ofHours(1))));
        server.selection(ReplicaSelection.order(0, 0, 1));
        try (RunningProxy proxy = StandIns.before(server, directory, new SettingsDraft().nanoTime(() -> 0))
                        .usingPartly(token);
                RawCaller caller = proxy.call()) {
            // When
            for (int i = 0; i < 20; i++) {
                assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
            }

            // Then the connections to this replica are not used again
            assertThat(server.replica(0).requestCount())
                    .isBetween(2L, server.replica(0).connectionCount());
            assertThat(proxy.observer.refusals).contains(Finding.EXPIRED).doesNotContain(Finding.REFUSED);
        }
    }

    /** After a computer's sleep, the proxy is refused before the guardian knows that kubelet is about to replace it. */
    @Test
    void anExpiredTokenThatIsStillUsableIsNotTheCallersConcern() throws IOException {
        // Given
        String expired = server.issue(TokenSpec.unextended()
                .issuedAt(Instant.now().minusSeconds(7200))
                .lifetime(Duration.ofHours(1)));
        try (RunningProxy proxy = StandIns.before(server, directory).using(expired);
                RawCaller caller = proxy.call().get("/version", "")) {
            await().until(() -> proxy.observer.refusals.size() > Search.GIVE_UP_AFTER);

            // When
            proxy.using(issue());

            // Then
            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
        }
    }
}
