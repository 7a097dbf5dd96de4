package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.standin.StandInApiServer;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests while some replica's clock has not reached the token's {@code from} yet. */
@Tag("slow")
class WindowTest {

    @TempDir
    Path directory;

    @Test
    void noCallerGetsThe401OfAReplicaThatIsBehind() throws Exception {
        // Given one replica of three 180 s behind
        try (StandInApiServer server = StandInApiServer.builder()
                        .offsets(Duration.ZERO, Duration.ofMinutes(-3), Duration.ZERO)
                        .start();
                RunningProxy proxy = StandIns.before(server, directory, new SettingsDraft().threads(2))
                        .using(server.issue());
                Callers clients = new Callers(50)) {
            String base = "/api/v1/namespaces/default/configmaps";

            // When
            List<Integer> statuses = clients.run(10_000, n -> switch (n % 6) {
                case 0 ->
                    Callers.to(proxy.uri(base))
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c" + n
                                            + "\"}}"));
                case 1 -> Callers.to(proxy.uri(base)).GET();
                case 2 -> Callers.to(proxy.uri(base + "/none")).DELETE();
                case 3 ->
                    Callers.to(proxy.uri(base + "/none"))
                            .method("PATCH", HttpRequest.BodyPublishers.ofString("{}"))
                            .header("Content-Type", "application/merge-patch+json");
                case 4 -> Callers.to(proxy.uri(base + "/none")).PUT(HttpRequest.BodyPublishers.ofString("{}"));
                default -> Callers.to(proxy.uri("/version")).method("HEAD", HttpRequest.BodyPublishers.noBody());
            });

            // Then
            assertThat(statuses).hasSize(10_000).doesNotContain(401, 502, 503, 504);
            List<String> executed = server.executed().stream()
                    .map(each -> each.head().marker())
                    .filter(Objects::nonNull) // the proxy's probes have no marker
                    .toList();
            assertThat(executed).hasSize(10_000).doesNotHaveDuplicates();
        }
    }
}
