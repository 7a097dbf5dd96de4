package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.Needed;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command of {@code docs/stale-tokens.md} on the audit log of a real API server. */
@Tag("envtest")
class StaleTokensIT {
    private static final Path PAGE = Path.of("docs/stale-tokens.md");
    private static final String FILE = "From an audit log file";

    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);

    @TempDir
    Path directory;

    @Test
    void thePodOfAStaleTokenIsListedWithItsUserAgents() throws Exception {
        Needed.onPath("jq", "jq");
        Path policy = Files.writeString(directory.resolve("policy.yaml"), """
                {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]}""");
        Path log = directory.resolve("audit.log");
        // Stale since the middle of a minute, because the log counts whole seconds.
        Instant issued = Instant.now()
                .truncatedTo(ChronoUnit.MINUTES)
                .minus(2, ChronoUnit.HOURS)
                .plusSeconds(23);
        String stale = plane.files().issue(account.extended().issuedAt(issued));
        String fresh = plane.files().issue(account.extended());
        try (ApiServer server = plane.startAnother("--audit-policy-file=" + policy, "--audit-log-path=" + log)) {

            send(server.with(stale), "okhttp/4.12");
            send(server.with(stale), "from-the-cache/1");
            send(server.with(fresh), "client-go/1");

            await().until(() -> Files.readString(log).contains("client-go/1"));
            String quoted = Readme.block(PAGE, "text", FILE)
                    .replace("shop/", account.namespace() + "/")
                    .replace("2026-03-01T13:05Z", minute(issued.plusSeconds(3607)))
                    .replace("2027-03-01T12:05Z", minute(issued.plus(365, ChronoUnit.DAYS)));
            assertThat(listed(log)).isEqualTo(quoted.replace("okhttp/4.12", "from-the-cache/1") + quoted);
        }
    }

    private static String minute(Instant time) {
        return time.truncatedTo(ChronoUnit.MINUTES).toString().replace(":00Z", "Z");
    }

    private static void send(Api api, String userAgent) throws IOException, InterruptedException {
        HttpRequest request = api.request("GET", "/api", null, "")
                .header("User-Agent", userAgent)
                .build();
        assertThat(api.http()
                        .send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
    }

    private static String listed(Path log) throws IOException {
        String command = Readme.block(PAGE, "sh", FILE).replace("/var/log/kubernetes/audit.log", log.toString());
        Process shell = new ProcessBuilder("sh", "-c", command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
