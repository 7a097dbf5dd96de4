package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.SeenRequest;
import io.tokenguardian.standin.StandInApiServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The complete check against a stand-in. A check takes two seconds, most of which it waits, so the tests run in
 * parallel.
 */
@Execution(ExecutionMode.CONCURRENT)
class CrossCheckTest {
    /** Enough connections that a check misses one of three replicas only once in 60,000 checks. */
    private static final int CONNECTIONS = 30;

    @AutoClose("shutdownGracefully")
    private final NioEventLoopGroup eventLoops = new NioEventLoopGroup(2);

    @TempDir
    Path directory;

    @AutoClose
    @SuppressWarnings("NullAway.Init") // each test starts a server
    private StandInApiServer server;

    private StandInApiServer start(int... offsets) throws IOException {
        return start(false, offsets);
    }

    private StandInApiServer start(boolean sharedCertificate, int... offsets) throws IOException {
        server = StandInApiServer.builder()
                .sharedCertificate(sharedCertificate)
                .offsets(IntStream.of(offsets).mapToObj(Duration::ofSeconds).toArray(Duration[]::new))
                .start();
        server.issue(); // creates the service account default/default
        return server;
    }

    private Path withToken() throws IOException {
        return KubeconfigFile.withToken(directory.resolve("config"), server);
    }

    private CrossCheckReport check(Path kubeconfig) throws CheckFailedException {
        return new CrossCheck("test", eventLoops, Timeline.system(), Duration.ofSeconds(60))
                .check(new CrossCheck.ClusterTarget(kubeconfig, null, CONNECTIONS), "default/default");
    }

    /** The verdicts of each row. Rows and columns are in the order of the replicas' clocks. */
    private static List<List<String>> verdicts(CrossCheckReport result) {
        List<String> byClock = objects(result.json().getJsonArray("replicas")).stream()
                .sorted((a, b) -> Double.compare(a.getDouble("clockOffsetSeconds"), b.getDouble("clockOffsetSeconds")))
                .map(replica -> replica.getString("replica"))
                .toList();
        return byClock.stream()
                .map(issuer -> find(result.json().getJsonArray("matrix"), "issuedBy", issuer))
                .map(row -> byClock.stream()
                        .map(judge -> find(row.getJsonArray("acceptedBy"), "replica", judge)
                                .getString("verdict"))
                        .toList())
                .toList();
    }

    private static JsonObject find(JsonArray array, String field, String value) {
        return objects(array).stream()
                .filter(each -> value.equals(each.getString(field)))
                .findFirst()
                .orElseThrow();
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    @Test
    void eachReplicaIsAskedAboutTheTokenOfEach() throws Exception {
        // Given
        start(0, -75, 0);

        // When
        CrossCheckReport result = check(withToken());

        // Then
        assertThat(result.finding()).isEqualTo(Finding.NOT_YET_VALID);
        assertThat(verdicts(result))
                .containsExactly(
                        List.of("accepted", "accepted", "accepted"),
                        List.of("not-yet-valid", "accepted", "accepted"),
                        List.of("not-yet-valid", "accepted", "accepted"));
        assertThat(result.text())
                .containsPattern(
                        "^\\S+'s clock is 75 s behind that of \\S+\\. Pods whose token \\S+ issues get 401 from \\S+ for"
                                + " their first 15 s\\.\nSet the clock of \\S+ right")
                .contains("Measured with a ten-minute token of default/default");
        assertThat(result.svg())
                .contains("<title id=\"t\">Token Guardian: not-yet-valid</title>")
                .contains(">" + result.text().split(" Pods", 2)[0] + "</text>")
                .contains(">Note        Measured with a ten-minute token of default/default from each replica.</text>");
        assertThat(result.text() + result.json().encode() + result.svg()).doesNotContain("eyJ");
    }

    @Test
    void eachClockIsComparedWithThisMachines() throws Exception {
        // Given
        start(0, -75);

        // When
        CrossCheckReport result = check(withToken());

        // Then
        assertThat(result.text())
                .containsPattern("cp-1  .* clock [-+]0\\.\\d\\d s ± 0\\.\\d\\d s relative to this machine's\n")
                .containsPattern("cp-2  .* clock -7[456]\\.\\d\\d s ± 0\\.\\d\\d s relative to this machine's\n");
    }

    @Test
    void eachClockIsMeasuredBetterThanOneDateCould() throws Exception {
        // Given
        start(0, -75, 40);

        // When
        CrossCheckReport result = check(withToken());

        // Then
        List<JsonObject> replicas = objects(result.json().getJsonArray("replicas"));
        assertThat(replicas).hasSize(3).allSatisfy(each -> {
            double offset = each.getDouble("clockOffsetSeconds");
            double uncertainty = each.getDouble("clockUncertaintySeconds");
            assertThat(IntStream.of(0, -75, 40).mapToDouble(is -> Math.abs(is - offset)))
                    .anyMatch(error -> error <= uncertainty + 0.01);
            assertThat(uncertainty).isLessThan(0.5);
        });
    }

    @Test
    void aClientCertificateIsNotShownWhereATokenIsJudged() throws Exception {
        // Given
        start(0, -75, 0);
        String user = KubeconfigFile.clientCertificate(server.clientCertificate("admin", "system:masters"));

        // When
        CrossCheckReport result = check(KubeconfigFile.write(directory.resolve("config"), server, user));

        // Then
        assertThat(verdicts(result).get(1)).containsExactly("not-yet-valid", "accepted", "accepted");
        assertThat(server.executed())
                .filteredOn(request -> request.head().path().endsWith("/token"))
                .hasSize(3)
                .allSatisfy(request -> assertThat(request.user()).isEqualTo("admin"));
    }

    @Test
    void withoutPermissionTheMatrixIsPredictedFromTheClocks() throws Exception {
        // Given
        start(0, -75, 0);
        server.authorization((user, request) -> !request.path().endsWith("/token"));

        // When
        CrossCheckReport result = check(withToken());

        // Then
        assertThat(verdicts(result))
                .containsExactly(
                        List.of("accepted", "accepted", "accepted"),
                        List.of("not-yet-valid", "accepted", "accepted"),
                        List.of("not-yet-valid", "accepted", "accepted"));
        assertThat(objects(result.json().getJsonArray("matrix")))
                .allSatisfy(row -> assertThat(row.getBoolean("measured")).isFalse());
        assertThat(result.text())
                .containsPattern("Predicted from the clocks, not measured, for tokens of cp-1: \\S+ answered"
                        + " 403: serviceaccounts \"default\" is forbidden: User \\S+ cannot create resource"
                        + " \"serviceaccounts/token\" ");
    }

    @Test
    void theRowOfAReplicaThatIssuesNoTokenIsPredicted() throws Exception {
        // Given
        start(0, -75, 0);
        server.replica(1)
                .fault(
                        new Fault.Instead(500, Map.of(), "broken"),
                        1,
                        head -> head.path().endsWith("/token"));

        // When
        CrossCheckReport result = check(withToken());

        // Then
        assertThat(verdicts(result).get(0)).containsExactly("accepted", "accepted", "accepted");
        assertThat(objects(result.json().getJsonArray("matrix")))
                .extracting(row -> row.getBoolean("measured"))
                .containsExactlyInAnyOrder(true, true, false);
        assertThat(result.text())
                .containsPattern("Predicted from the clocks, not measured, for tokens of cp-2: 127.0.0.1:"
                        + server.port() + " answered 500 Internal Server Error to POST /api/v1/")
                .contains("Measured with a ten-minute token of default/default from cp-1 and cp-3.\n");
    }

    private Path throughProxy(String proxy, String more) throws IOException {
        String cluster = "server: 'https://api.invalid', proxy-url: '" + proxy + "', certificate-authority-data: "
                + KubeconfigFile.base64(server.caPem()) + more;
        return KubeconfigFile.write(directory.resolve("config"), cluster, "token: " + KubeconfigFile.token(server));
    }

    /** The server's name can't be resolved on this machine. */
    @ParameterizedTest
    @CsvSource({"http://me:pass@, CONNECT api.invalid:443 HTTP/1.1", "socks5://, socks5 api.invalid:443"})
    void theProxyOfTheKubeconfigConnectsToTheServer(String url, String request) throws Exception {
        start(0, -75);
        try (RelayingProxy proxy = new RelayingProxy(server.port())) {
            CrossCheckReport result = check(throughProxy(url + proxy.address(), ", tls-server-name: 127.0.0.1"));

            assertThat(verdicts(result))
                    .containsExactly(List.of("accepted", "accepted"), List.of("not-yet-valid", "accepted"));
            assertThat(proxy.requests()).hasSize(CONNECTIONS).allMatch(each -> each.startsWith(request));
            assertThat(result.text() + result.json()).doesNotContain("pass");
        }
    }

    @Test
    void aServerIsVerifiedThroughAProxyToo() throws Exception {
        start(0);
        try (RelayingProxy proxy = new RelayingProxy(server.port())) {
            Path kubeconfig = throughProxy(proxy.address(), "");

            assertThatThrownBy(() -> check(kubeconfig))
                    .isInstanceOf(CheckFailedException.class)
                    .hasMessageContaining("the certificate of api.invalid:443 is not trusted with ");
        }
    }

    @Test
    void replicasWithOneCertificateAreToldApartByTheirClocks() throws Exception {
        // Given
        start(true, 0, -75);

        // When
        CrossCheckReport result = check(withToken());

        // Then
        assertThat(verdicts(result))
                .containsExactly(List.of("accepted", "accepted"), List.of("not-yet-valid", "accepted"));
        assertThat(result.text()).contains("All connections show the same certificate");
    }

    @Test
    void aClientCertificateOfAnotherAuthorityIsRefused() throws Exception {
        // Given
        start(0, 0);
        server.anonymous(true);
        String user;
        try (StandInApiServer other = StandInApiServer.builder().start()) {
            user = KubeconfigFile.clientCertificate(other.clientCertificate("admin", "system:masters"));
        }

        Path kubeconfig = KubeconfigFile.write(directory.resolve("config"), server, user);

        // When, Then
        assertThatThrownBy(() -> check(kubeconfig))
                .isInstanceOfSatisfying(
                        CheckFailedException.class,
                        e -> assertThat(e.exitCode()).isEqualTo(ExitCode.REFUSED))
                .hasMessageContaining("refuses the credential of user \"me\"");
    }

    @Test
    void nothingButTokensIsCreated() throws Exception {
        // Given
        start(0, -75);
        Path kubeconfig = withToken();
        server.clearRecords();

        // When
        check(kubeconfig);

        // Then
        assertThat(server.requests())
                .extracting(SeenRequest::head)
                .extracting(head -> head.method() + " " + head.path())
                .containsOnly(
                        "GET /version",
                        "POST /api/v1/namespaces/default/serviceaccounts/default/token",
                        "POST /apis/authentication.k8s.io/v1/selfsubjectreviews");
    }
}
