package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Some replicas refuse the token for a reason other than their clocks, while another replica accepts it: only one
 * replica has the key yet, or a replica does not know an account or a pod. Connections go to random replicas.
 */
class AnyReasonTest {

    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String GROUP = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().replicas(2).start();
    }

    private RunningProxy proxy(SettingsDraft draft) throws IOException {
        return StandIns.before(server, directory, draft).usingPartly(issue());
    }

    private Token issue() {
        return TestTokens.parse(
                server.issue(TokenSpec.unextended().issuedAt(Instant.now().minusSeconds(60))));
    }

    /** Returns a 401 that no clock explains. */
    private static Fault refusal() {
        return new Fault.Instead(401, Map.of("Content-Type", "application/json"), StandIns.UNAUTHORIZED);
    }

    private static String post(String path, String name) {
        String map = "{\"metadata\":{\"name\":\"" + name + "\"}}";
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + map.length() + "\r\n\r\n" + map;
    }

    private long connections() {
        return server.replicas().stream()
                .mapToLong(replica -> replica.connectionCount())
                .sum();
    }

    @Test
    void manyRequestsGoOnlyToTheReplicaThatAccepts() throws Exception {
        // Given
        server.replica(0).fault(refusal());
        try (RunningProxy proxy = proxy(new SettingsDraft().threads(2));
                Callers callers = new Callers(20)) {
            // When
            List<Integer> statuses = callers.run(100, n -> Callers.to(proxy.uri(n % 2 == 0 ? PODS : GROUP)));

            // Then
            assertThat(statuses).hasSize(100).doesNotContain(401);
            assertThat(server.executed()).allMatch(request -> request.head().replica() == 1);
        }
    }

    /** A replica whose clock is ahead behaves in this way: it treats a pod as deleted. */
    @Test
    void aReplicaThatStopsAcceptingGetsNoFurtherRequests() throws IOException {
        // While time stands still, no other connection is opened beside a slow one.
        try (RunningProxy proxy = proxy(new SettingsDraft().nanoTime(() -> 0));
                RawCaller caller = proxy.call()) {
            // Given
            server.selection(ReplicaSelection.order(0, 1));
            assertThat(caller.get(PODS, "").readAnswer()).startsWith("HTTP/1.1 200 ");
            server.replica(0).fault(refusal());
            long before = server.replica(0).requestCount();

            // When
            for (int i = 0; i < 20; i++) {
                assertThat(caller.get(PODS, "").readAnswer()).startsWith("HTTP/1.1 200 ");
            }

            // Then
            assertThat(server.replica(0).requestCount()).isEqualTo(before + 1);
            assertThat(proxy.counters().retries()).isEqualTo(1);
            assertThat(proxy.observer.refusals).containsExactly(Finding.REFUSED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PODS, GROUP})
    void aTokenThatAllRefuseGetsThe401AfterTwentyFourConnections(String path) throws IOException {
        // Given
        server.fault(refusal());
        try (RunningProxy proxy = proxy(new SettingsDraft());
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get(path, "").readAnswer();

            // Then
            assertThat(answer).startsWith("HTTP/1.1 401 ").endsWith("\r\n\r\n" + StandIns.UNAUTHORIZED);
            assertThat(connections()).isEqualTo(Search.GIVE_UP_AFTER);
            assertThat(proxy.counters().heldNow()).isZero();
        }
    }

    /** Time does not pass in this test, so no pause ends. */
    @Test
    void manyCallersOpenFewConnectionsIfAllReplicasRefuse() throws Exception {
        // Given
        server.fault(refusal());
        try (RunningProxy proxy = proxy(new SettingsDraft().nanoTime(() -> 0));
                Callers callers = new Callers(100)) {
            // When
            List<Integer> statuses = callers.run(1_000, n -> Callers.to(proxy.uri(PODS)));

            // Then
            assertThat(statuses).hasSize(1_000).containsOnly(401);
            assertThat(connections()).isLessThan(60);
        }
    }

    /** A webhook may refuse a request with 401. The API server marks this 401. */
    @Test
    void a401AboutTheRequestPassesAndDoesNotJudgeTheToken() throws IOException {
        // Given
        Map<String, String> headers =
                Map.of("Content-Type", "application/json", "X-Kubernetes-Pf-Flowschema-Uid", "1f0a");
        server.replicas()
                .forEach(replica -> replica.fault(
                        new Fault.Instead(401, headers, StandIns.UNAUTHORIZED),
                        Integer.MAX_VALUE,
                        head -> head.method().equals("POST")));
        try (RunningProxy proxy = proxy(new SettingsDraft());
                RawCaller caller = proxy.call()) {
            // When
            caller.send(post(MAPS, "one"));

            // Then
            assertThat(caller.readAnswer())
                    .startsWith("HTTP/1.1 401 ")
                    .endsWith("\r\n\r\n" + StandIns.UNAUTHORIZED)
                    .doesNotContainIgnoringCase("token-guardian");
            assertThat(server.requests().stream().map(request -> request.head().path()))
                    .containsExactly("/version", MAPS);
            assertThat(proxy.observer.refusals).isEmpty();
            assertThat(caller.get(PODS, "").readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(connections()).isEqualTo(1);
        }
    }

    @Test
    void aReplicaThatAcceptsAgainGetsRequestsAgain() throws IOException {
        // Given a token that both replicas refused
        server.fault(refusal());
        try (RunningProxy proxy = proxy(new SettingsDraft());
                RawCaller caller = proxy.call()) {
            assertThat(caller.get(PODS, "").readAnswer()).startsWith("HTTP/1.1 401 ");

            // When
            server.replicas().forEach(replica -> replica.clearFaults());

            // Then
            assertThat(caller.get(PODS, "").readAnswer()).startsWith("HTTP/1.1 200 ");
        }
    }
}
