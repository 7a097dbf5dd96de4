package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.Readme;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.laptop.CrossCheck;
import io.tokenguardian.laptop.ExplainReport;
import io.tokenguardian.laptop.PodCause;
import io.tokenguardian.standin.StandInApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The causes that {@code explain} finds on real API servers, whose admission adds the token volume to pods. */
@Tag("envtest")
class ExplainIT {
    private static final int CONNECTIONS = 25;

    private final ControlPlane plane = ControlPlane.shared();
    private final Api admin = plane.apiServer(0).admin();
    private final Account account = Account.create(plane);
    private final NioEventLoopGroup eventLoops = new NioEventLoopGroup(2);

    @RegisterExtension
    final ConnectionDealer dealer = new ConnectionDealer(plane.apiServers());

    @TempDir
    Path directory;

    ExplainIT() throws IOException {}

    @AfterEach
    void stop() {
        eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private ExplainReport explain(String pod) throws Exception {
        return explain(
                pod,
                Files.writeString(
                        directory.resolve("config"),
                        plane.files().kubeconfig(dealer.url().toString())));
    }

    /** Explains the pod {@code app-0} if each connection goes to one of {@code servers}. */
    private ExplainReport explainAmong(ApiServer... servers) throws Exception {
        dealer.dealTo(List.of(servers));
        return explain("app-0");
    }

    private ExplainReport explain(String pod, Path kubeconfig) throws Exception {
        return new CrossCheck("test", eventLoops, Timeline.system(), Duration.ofSeconds(60))
                .explain(new CrossCheck.ClusterTarget(kubeconfig, null, CONNECTIONS), account.namespace(), pod);
    }

    /** {@code docs/troubleshooting.md} quotes the first two lines, with other names, keys and times. */
    private static void isQuoted(String heading, ExplainReport report) {
        assertThat(general(report.text()))
                .startsWith(general(Readme.block(Path.of("docs/troubleshooting.md"), "text", "`" + heading + "`")));
    }

    private static String general(String text) {
        return text.replaceAll("\\bcp-\\d+", "cp")
                .replaceAll("key [\\w-]{43},", "key,")
                .replaceAll("\\d{4}-\\S+Z", "then")
                .replace("1 h 59 min", "2 h")
                .replace("probably ", "") // no kubelet confirms when the pod was made
                .replaceAll("(test-\\d+|shop)/", "namespace/");
    }

    private void create(String name, String spec) {
        create(admin, name, spec);
    }

    private void create(Api api, String name, String spec) {
        api.post(account.core() + "/pods", """
                        {"metadata": {"name": "%s"}, "spec": {"serviceAccountName": "app", %s}}
                        """.formatted(name, spec)).succeeded();
    }

    private void deleteAccount() {
        admin.delete(account.core() + "/serviceaccounts/app").succeeded();
    }

    @Test
    void aPodWithItsTokenFromAdmissionHasNoFault() throws Exception {
        ExplainReport report = explain("app-0");

        assertThat(report.cause()).as(report.text()).isEqualTo(PodCause.NOTHING);
        assertThat(report.text())
                .contains("/var/run/secrets/kubernetes.io/serviceaccount/token in main: for the API server, requested"
                        + " for 3607 s")
                .contains("is accepted for 365 d", "All 3 replicas accept each other's tokens.")
                .doesNotContain("eyJ");
    }

    @Test
    void aPodWithoutATokenIsReported() throws Exception {
        create("off", """
                "automountServiceAccountToken": false, "containers": [{"name": "main", "image": "app"}]""");
        // A new account: the server may still admit a pod by what it has cached of an older one.
        admin.post(account.core() + "/serviceaccounts", """
                        {"metadata": {"name": "no-token"}, "automountServiceAccountToken": false}""").succeeded();
        admin.post(account.core() + "/pods", """
                        {"metadata": {"name": "off-too"}, "spec": {
                         "serviceAccountName": "no-token", "containers": [{"name": "main", "image": "app"}]}}""").succeeded();

        assertThat(explain("off").cause()).isEqualTo(PodCause.NO_TOKEN);
        assertThat(explain("off-too").cause()).isEqualTo(PodCause.NO_TOKEN);
    }

    @Test
    void aKeyThatOneServerDoesNotHaveIsReported() throws Exception {
        try (ApiServer ahead = plane.startAnother(
                "--service-account-signing-key-file=" + plane.files().furtherSigningKey(),
                "--service-account-key-file=" + plane.files().furtherKey())) {
            ExplainReport report = explainAmong(plane.apiServer(2), ahead);

            assertThat(report.cause()).as(report.text()).isEqualTo(PodCause.KEY);
            isQuoted("key", report);
        }
    }

    @Test
    void anIssuerThatOneServerDoesNotTrustIsReported() throws Exception {
        try (ApiServer other = plane.startAnother(
                "--service-account-issuer=https://new.example",
                "--service-account-issuer=" + StandInApiServer.ISSUER)) {
            ExplainReport report = explainAmong(plane.apiServer(2), other);

            assertThat(report.cause()).as(report.text()).isEqualTo(PodCause.ISSUER);
            assertThat(report.text())
                    .containsPattern(
                            "^\\S+ does not trust the issuer https://new\\.example, which is in the tokens of \\S+: ");
        }
    }

    @Test
    void aServerThatIsTwoMinutesAheadIsReported() throws Exception {
        try (ApiServer ahead = plane.startAhead(Duration.ofMinutes(2))) {
            ExplainReport report = explainAmong(plane.apiServer(2), ahead);

            assertThat(report.cause()).as(report.text()).isEqualTo(PodCause.NOT_YET_VALID);
            isQuoted("clock", report);
        }
    }

    @Test
    void anAccountThatIsYoungerThanThePodIsReported() throws Exception {
        deleteAccount();
        try (ApiServer ahead = plane.startAhead(Duration.ofMinutes(6))) {
            ahead.admin()
                    .post(account.core() + "/serviceaccounts", "{\"metadata\":{\"name\":\"app\"}}")
                    .succeeded();
        }

        ExplainReport report = explain("app-0");

        assertThat(report.cause()).as(report.text()).isEqualTo(PodCause.ACCOUNT_RECREATED);
        isQuoted("account-recreated", report);
    }

    @Test
    void aPodThatWasMadeWhileAClockWasAheadIsReported() throws Exception {
        try (ApiServer ahead = plane.startAhead(Duration.ofHours(2))) {
            create(ahead.admin(), "early", "\"containers\": [{\"name\": \"main\", \"image\": \"app\"}]");
        }

        isQuoted("made-ahead", explain("early"));
    }
}
