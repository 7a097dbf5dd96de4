package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.HangDetector;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.standin.Backend;
import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.RequestInfo;
import io.tokenguardian.standin.ResourceType;
import io.tokenguardian.standin.SeenRequest;
import io.tokenguardian.standin.StandInApiServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Each cause that a stand-in can produce. The tests run in parallel, as in {@link CrossCheckTest}. */
@Execution(ExecutionMode.CONCURRENT)
class PodEvidenceReaderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Enough connections that a check misses one of two replicas only once in 500,000 checks. */
    private static final int CONNECTIONS = 20;

    private static final Duration LEEWAY = Duration.ofSeconds(60);

    private static final String INJECTED = projection("\"expirationSeconds\": 3607, \"path\": \"token\"");

    private static final String GUARDED =
            INJECTED.replaceFirst("\\[\\{\"name\": \"main\"", "[{\"name\": \"token-guardian\"}, {\"name\": \"main\"");

    @AutoClose("shutdownGracefully")
    private final NioEventLoopGroup eventLoops = new NioEventLoopGroup(2);

    @TempDir
    Path directory;

    @AutoClose
    @SuppressWarnings("NullAway.Init") // each test starts a server
    private StandInApiServer server;

    /** Starts replicas with these clock offsets, and creates the service account {@code shop/app}. */
    private void start(int... offsets) throws IOException {
        server = StandInApiServer.builder()
                .offsets(IntStream.of(offsets).mapToObj(Duration::ofSeconds).toArray(Duration[]::new))
                .start();
        account("{}");
    }

    private void account(String fields) throws IOException {
        server.objects().create(ResourceType.SERVICE_ACCOUNTS, "shop", object("app", fields));
    }

    private void pod(String spec) throws IOException {
        server.objects()
                .create(
                        ResourceType.PODS,
                        "shop",
                        object("app-0", "{\"spec\": {\"serviceAccountName\": \"app\", " + spec + "}}"));
    }

    private static ObjectNode object(String name, String fields) throws IOException {
        ObjectNode object = (ObjectNode) JSON.readTree(fields);
        object.withObject("/metadata").put("name", name);
        return object;
    }

    /** Returns a volume with a token, which the container mounts at the default path. */
    private static String projection(String token) {
        return """
                "volumes": [{"name": "access", "projected": {"sources": [{"serviceAccountToken": {%s}}]}}],
                "containers": [{"name": "main", "volumeMounts": [
                  {"name": "access", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}]""".formatted(token);
    }

    /** Authorizes the user for the requests that {@code rule} allows. */
    private void allow(Predicate<RequestInfo> rule) {
        server.authorization((user, request) ->
                user.contains(":shop:") || rule.test(request) || request.path().startsWith("/apis/authentication"));
    }

    private ExplainReport explain() throws IOException, CheckFailedException {
        return explain(
                new CrossCheck("test", eventLoops, Timeline.system(), LEEWAY, HangDetector.TIMEOUT), CONNECTIONS);
    }

    private CrossCheck crossCheck() {
        return new CrossCheck("test", eventLoops, Timeline.system(), LEEWAY);
    }

    private ExplainReport explain(CrossCheck crossCheck, int connections) throws IOException, CheckFailedException {
        Path kubeconfig = KubeconfigFile.withToken(directory.resolve("config"), server);
        return crossCheck.explain(new CrossCheck.ClusterTarget(kubeconfig, null, connections), "shop", "app-0");
    }

    @Test
    void nothingIsWrittenButTheTokens() throws Exception {
        // Given
        start(0);
        pod(INJECTED);

        // When
        explain();

        // Then
        assertThat(server.requests())
                .extracting(SeenRequest::head)
                .extracting(head -> head.method() + " " + head.path())
                .containsOnly(
                        "GET /version",
                        "GET /api/v1/namespaces/shop/pods/app-0",
                        "GET /api/v1/namespaces/shop/events",
                        "GET /api/v1/namespaces/shop/serviceaccounts/app",
                        "POST /api/v1/namespaces/shop/serviceaccounts/app/token",
                        "POST /apis/authentication.k8s.io/v1/selfsubjectreviews");
    }

    @Test
    void aMissingPodIsToldWithoutATokenAndWithoutAClock() throws Exception {
        // Given
        start(0);

        // When
        ExplainReport report = explain();

        // Then
        assertThat(report.cause()).isEqualTo(PodCause.POD_MISSING);
        assertThat(server.requests())
                .extracting(request -> request.head().path())
                .noneMatch(path -> path.endsWith("/token"));
        assertThat(report.json().getValue("acceptance")).isNull();
    }

    @Test
    void aMissingServiceAccountIsToldToWhoMayOnlyCreateTokens() throws Exception {
        // Given
        start(0);
        pod(INJECTED);
        server.objects().delete(ResourceType.SERVICE_ACCOUNTS, "shop", "app");
        allow(request ->
                request.resource().equals("pods") || request.subresource().equals("token"));

        // When, Then
        assertThat(explain().cause()).isEqualTo(PodCause.ACCOUNT_MISSING);
    }

    @Test
    void whoMayOnlyGetPodsLearnsWhatThatSaysAndTheCauseIsUnknown() throws Exception {
        // Given
        start(0, 0);
        pod(INJECTED);
        allow(request -> request.resource().equals("pods") && request.verb().equals("get"));

        // When
        ExplainReport report = explain();

        // Then
        assertThat(report.cause()).isEqualTo(PodCause.UNKNOWN);
        assertThat(report.text())
                .contains("Pod         shop/app-0, ", "Replicas    predicted from their clocks: All 2 replicas accept ")
                .containsPattern(
                        "Not seen    the service account: \\S+ answered 403: serviceaccounts \"app\" is forbidden: "
                                + "User \\S+ cannot get resource \"serviceaccounts\" in API group \"\" in the namespace \"shop\"\n")
                .containsPattern("Not seen    whether the replicas accept a token of this pod: \\S+ answered 403: "
                        + "serviceaccounts \"app\" is forbidden: User \\S+ cannot create ");
    }

    @Test
    void thePodsGuardianIsAskedByItsHealthCheckThoughThatIsDown() throws Exception {
        // Given
        start(0);
        pod(GUARDED);
        server.backend((head, body) -> new Backend.Answer(503, Map.of("Content-Type", "application/json"), """
                {"status": "DOWN", "checks": [{"name": "ready", "status": "DOWN",
                  "data": {"verdict": "expired", "explanation": "The token expired at noon."}}]}"""));

        // When
        ExplainReport report = explain();

        // Then
        assertThat(report.cause()).as(report.text()).isEqualTo(PodCause.GUARDIAN_EXPIRED);
        assertThat(report.text())
                .startsWith("The pod's guardian reports: The token expired at noon.\n")
                .contains("Guardian    The token expired at noon.\n");
    }

    private void guardianAccepts() {
        server.backend((head, body) -> new Backend.Answer(200, Map.of("Content-Type", "application/json"), """
                {"status": "UP", "checks": [{"name": "ready", "status": "UP",
                  "data": {"verdict": "accepted", "explanation": "The token is accepted."}}]}"""));
    }

    /** The API server that took the pod's creation was two hours ahead. The API server that kubelet uses was not. */
    @Test
    void kubeletsEventsShowWhichClockTheTokenIsFrom() throws Exception {
        // Given
        AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ofHours(2));
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        server = StandInApiServer.builder()
                .clock(() -> Instant.now().plus(ahead.get()))
                .start();
        account("{}");
        server.objects().create(ResourceType.PODS, "shop", object("app-0", """
                        {"spec": {"serviceAccountName": "app", %s}, "status": {"startTime": "%s"}}""".formatted(INJECTED, now)));
        ahead.set(Duration.ZERO);

        // When, Then
        assertThat(explain())
                .returns(PodCause.MADE_AHEAD, ExplainReport::cause)
                .extracting(ExplainReport::text)
                .asString()
                .contains(": every replica probably refuses its token until ");

        // When
        server.objects().create(ResourceType.EVENTS, "shop", object("app-0.1", """
                {"involvedObject": {"uid": "%s"}, "source": {"component": "kubelet"}, "firstTimestamp": "%s",
                 "lastTimestamp": "%s"}""".formatted(uid(), now, now)));

        // Then
        assertThat(explain().cause()).isEqualTo(PodCause.NOTHING);
    }

    private String uid() {
        return server.objects()
                .list(ResourceType.PODS, "shop")
                .get(0)
                .path("metadata")
                .path("uid")
                .asText();
    }

    @Test
    void whoMayNotListEventsIsToldAndTheCauseStaysCertain() throws Exception {
        // Given
        start(0);
        pod(GUARDED);
        guardianAccepts();
        allow(request -> !request.resource().equals("events"));

        // When
        ExplainReport report = explain();

        // Then
        assertThat(report.cause()).as(report.text()).isEqualTo(PodCause.GUARDIAN_ACCEPTED);
        assertThat(report.json().getJsonArray("notSeen"))
                .singleElement()
                .asString()
                .startsWith("the pod's events: 127.0.0.1:" + server.port() + " answered 403: events is forbidden: ");
    }

    @Test
    void aGuardianThatDoesNotAnswerIsNotSeen() throws Exception {
        // Given
        start(0);
        pod("\"containers\": [{\"name\": \"token-guardian\"}]");
        server.backend((head, body) -> new Backend.Answer(503, Map.of("Content-Type", "application/json"), """
                {"kind": "Status", "code": 503}"""));

        // When, Then
        assertThat(explain().text())
                .contains(
                        "Not seen    the verdict of the pod's guardian, at port 9000 of the pod through the API server:"
                                + " 127.0.0.1:" + server.port()
                                + " answered 503 Service Unavailable to GET ");
    }

    @Test
    void aSilentGuardianCostsThreeSecondsAndNoOtherAnswer() throws Exception {
        // Given
        start(0);
        pod(GUARDED);
        server.replica(0).fault(new Fault.Silence(), 1, head -> head.path().endsWith(":9000/proxy/q/health/ready"));

        // When
        ExplainReport report = explain(crossCheck(), 2);

        // Then
        assertThat(report.json().getJsonArray("notSeen"))
                .containsExactly("the verdict of the pod's guardian, at port 9000 of the pod through the API server:"
                        + " 127.0.0.1:" + server.port() + " did not answer within 3 s");
    }

    @Test
    void explainStopsAfterTenSecondsBesideAServerThatIsMuteOnThePod() throws Exception {
        // Given
        start(0, 0);
        pod(INJECTED);
        for (int i = 0; i < 2; i++) {
            server.replica(i)
                    .fault(new Fault.Silence(), 100, head -> head.path().endsWith("/pods/app-0"));
        }

        // When
        ExplainReport report = explain(crossCheck(), 8);

        // Then
        assertThat(report.cause()).as(report.text()).isEqualTo(PodCause.UNKNOWN);
        assertThat(report.json().getJsonArray("notSeen"))
                .contains("what the API server had not answered after 10 s, when explain stopped");
        assertThat(server.requests())
                .filteredOn(request -> request.head().path().endsWith("/pods/app-0"))
                .hasSizeLessThan(8);
    }

    /** The response closes only its own separate connection. The connections that compare the replicas stay open. */
    @Test
    void eventsThatCantBeReadHideNoCause() throws Exception {
        // Given
        start(0);
        pod(GUARDED);
        guardianAccepts();
        server.replica(0)
                .fault(
                        new Fault.Instead(200, Map.of(), "x".repeat(3 << 20)),
                        100,
                        head -> head.path().endsWith("/events"));

        // When
        ExplainReport report = explain();

        // Then
        assertThat(report.cause()).as(report.text()).isEqualTo(PodCause.GUARDIAN_ACCEPTED);
        assertThat(report.json().getJsonArray("notSeen")).hasSize(1);
        assertThat(report.text()).contains("Not seen    the pod's events: 127.0.0.1:");
    }

    @Test
    void whoMayNothingLearnsOfTheClocks() throws Exception {
        // Given
        start(0, -90);
        pod(INJECTED);
        allow(request -> false);

        // When
        ExplainReport report = explain();

        // Then
        assertThat(report.cause()).isEqualTo(PodCause.NOT_YET_VALID);
        assertThat(report.text()).contains("Not seen    the pod: 127.0.0.1:");
    }
}
