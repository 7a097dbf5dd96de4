package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenguardian.Needed;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.io.OutputStream;
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

/**
 * Runs the commands of {@code docs/stale-tokens.md} and the decoder of {@code docs/troubleshooting.md} on a real
 * server.
 */
@Tag("envtest")
class StaleTokensIT {
    private static final Path PAGE = Path.of("docs/stale-tokens.md");
    private static final String FILE = "From an audit log file";
    private static final String REFUSED = "Apps that already get 401";

    /** The time of an event with the user agent of a refused request, and what precedes it in the event's line. */
    private static final String REFUSED_AT =
            "(\"userAgent\":\"okhttp/4.12\"[^\\n]*\"requestReceivedTimestamp\":\")[^\"]*";

    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);

    @TempDir
    Path directory;

    private ApiServer startWithAuditLog() throws IOException {
        Needed.onPath("jq", "jq");
        Path policy = Files.writeString(directory.resolve("policy.yaml"), """
                {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]}""");
        return plane.startAnother("--audit-policy-file=" + policy, "--audit-log-path=" + log());
    }

    private Path log() {
        return directory.resolve("audit.log");
    }

    @Test
    void thePodOfAStaleTokenIsListedWithItsUserAgents() throws Exception {
        // Stale since the middle of a minute, because the log counts whole seconds.
        Instant issued = Instant.now()
                .truncatedTo(ChronoUnit.MINUTES)
                .minus(2, ChronoUnit.HOURS)
                .plusSeconds(23);
        String stale = plane.files().issue(account.extended().issuedAt(issued));
        String fresh = plane.files().issue(account.extended());
        try (ApiServer server = startWithAuditLog()) {

            send(server.with(stale), "okhttp/4.12", 200);
            send(server.with(stale), "from-the-cache/1", 200);
            send(server.with(fresh), "client-go/1", 200);

            String quoted = Readme.block(PAGE, "text", FILE)
                    .replace("shop/", account.namespace() + "/")
                    .replace("2026-03-01T13:05Z", minute(issued.plusSeconds(3607)))
                    .replace("2027-03-01T12:05Z", minute(issued.plus(365, ChronoUnit.DAYS)));
            assertThat(listed(FILE, logWith("client-go/1") + "{\"kind\":\"Ev"))
                    .isEqualTo(quoted.replace("okhttp/4.12", "from-the-cache/1") + quoted);
        }
    }

    @Test
    void theSenderOfAnExpiredTokenIsListedWithItsFirstAndLast401() throws Exception {
        String expired =
                plane.files().issue(account.spec().expiresAt(Instant.now().minusSeconds(500)));
        try (ApiServer server = startWithAuditLog()) {

            send(server.with(expired), "okhttp/4.12", 401);
            send(server.with(expired), "okhttp/4.12", 401);
            send(server.with(account.token()), "client-go/1", 200);

            String quoted = Readme.block(PAGE, "text", REFUSED);
            String first = quoted.split("\t", -1)[3];
            String last = quoted.strip().split("\t", -1)[4];
            String events = logWith("client-go/1")
                    .replaceFirst(REFUSED_AT, "$1" + first.replace("Z", ":59.999999Z"))
                    .replaceFirst("(?s)(.*)" + REFUSED_AT, "$1$2" + last.replace("Z", ":00.000000Z"));
            assertThat(listed(REFUSED, events)).isEqualTo(quoted.replaceFirst("\t[\\d.]+\t\\d+\t", "\t127.0.0.1\t2\t"));
        }
    }

    @Test
    void aTokensKeyAndLifetimeAreRead() throws Exception {
        Needed.onPath("jq", "jq");
        Api admin = plane.apiServer(0).admin();
        String token = admin.post(account.core() + "/serviceaccounts/app/token", """
                        {"spec": {"expirationSeconds": 3607,
                                  "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "app-0"}}}
                        """)
                .succeeded()
                .json()
                .path("status")
                .path("token")
                .asText();
        String command = Readme.block(Path.of("docs/troubleshooting.md"), "console", "How long a token lives");

        JsonNode read = new ObjectMapper().readTree(run(command.replaceFirst("^kubectl [^|]*\\|", ""), token));

        assertThat(admin.get("/openid/v1/jwks").json().path("keys").findValuesAsText("kid"))
                .contains(read.path("kid").asText());
        assertThat(read.path("age").asInt(-1)).isNotNegative();
        assertThat(read.path("lifetime").asInt()).isEqualTo(31_536_000);
        assertThat(read.path("warnafter").isNumber()).isTrue();
    }

    private static String minute(Instant time) {
        return time.truncatedTo(ChronoUnit.MINUTES).toString().replace(":00Z", "Z");
    }

    private static void send(Api api, String userAgent, int status) throws IOException, InterruptedException {
        HttpRequest request = api.request("GET", "/api", null, "")
                .header("User-Agent", userAgent)
                .build();
        assertThat(api.http()
                        .send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(status);
    }

    /** Returns the audit log once it contains the event of {@code lastUserAgent}. */
    private String logWith(String lastUserAgent) throws IOException {
        await().until(() -> Files.readString(log()).contains(lastUserAgent));
        return Files.readString(log());
    }

    private String listed(String heading, String events) throws IOException {
        Path copy = Files.writeString(directory.resolve("copy.log"), events);
        return run(Readme.block(PAGE, "sh", heading).replace("/var/log/kubernetes/audit*.log", copy.toString()), "");
    }

    private static String run(String command, String input) throws IOException {
        Process shell = new ProcessBuilder("sh", "-c", command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream in = shell.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
