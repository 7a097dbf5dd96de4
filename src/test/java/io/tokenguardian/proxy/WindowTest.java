package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.testing.DefaultSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

    private static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @Test
    void theResponseIsThatOfTheFirstAcceptedSending() throws Exception {
        // Given a token that the guardian considers accepted, and that the replica will accept in 3.4 s
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory, new SettingsDraft(), 1)) {
            Instant from = Instant.ofEpochSecond(Instant.now().getEpochSecond() + 60);
            String token = server.issue(TokenSpec.unextended().issuedAt(from));
            Duration offset = Duration.between(Instant.now(), from.minusMillis(63_400));
            server.replica(0).clock().offset(offset);
            proxy.using(token);

            // When
            long start = System.nanoTime();
            HttpResponse<String> response = client().send(
                            HttpRequest.newBuilder(proxy.uri("/api/v1/namespaces/default/pods"))
                                    .build(),
                            BodyHandlers.ofString());

            // Then
            // ValidityStartTest checks in simulated time how soon the request is accepted.
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(server.replica(0).clock().instant()).isAfterOrEqualTo(from.minusSeconds(60));
            assertThat(server.executed())
                    .extracting(each -> each.head().path())
                    .containsOnlyOnce("/api/v1/namespaces/default/pods");
            // At most one request every 10 ms, however long a busy machine takes.
            long most = Duration.ofNanos(System.nanoTime() - start).toMillis() / 10;
            assertThat(server.requests().size()).isLessThanOrEqualTo(Math.toIntExact(most));
        }
    }

    @Test
    void noCallerGetsThe401OfAReplicaThatIsBehind() throws Exception {
        // Given one replica of three 180 s behind
        try (StandInApiServer server = StandInApiServer.builder()
                        .offsets(Duration.ZERO, Duration.ofMinutes(-3), Duration.ZERO)
                        .start();
                RunningProxy proxy = StandIns.before(server, directory, new SettingsDraft(), 2)
                        .using(server.issue());
                Callers clients = new Callers(50)) {
            String base = "/api/v1/namespaces/default/configmaps";

            // When
            List<Integer> statuses = clients.run(10_000, n -> switch (n % 6) {
                case 0 ->
                    request(proxy.uri(base))
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c" + n
                                            + "\"}}"));
                case 1 -> request(proxy.uri(base)).GET();
                case 2 -> request(proxy.uri(base + "/none")).DELETE();
                case 3 ->
                    request(proxy.uri(base + "/none"))
                            .method("PATCH", HttpRequest.BodyPublishers.ofString("{}"))
                            .header("Content-Type", "application/merge-patch+json");
                case 4 -> request(proxy.uri(base + "/none")).PUT(HttpRequest.BodyPublishers.ofString("{}"));
                default -> request(proxy.uri("/version")).method("HEAD", HttpRequest.BodyPublishers.noBody());
            });

            // Then
            assertThat(statuses).hasSize(10_000).doesNotContain(401, 502, 503, 504);
            List<String> executed = server.executed().stream()
                    .map(each -> each.head().marker())
                    .filter(Objects::nonNull) // the proxy's probes have no marker
                    .toList();
            assertThat(clients.slowest()).isLessThan(DefaultSettings.proxy().holdTimeout());
            assertThat(executed).hasSize(10_000).doesNotHaveDuplicates();
        }
    }

    private static HttpRequest.Builder request(URI uri) {
        return HttpRequest.newBuilder(uri);
    }
}
