package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.Fault.Moment;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.token.TestTokens;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a caller gets when the API server breaks: no wrong bytes, and no endless wait. */
class FaultTest {

    private static final String LIST = "/api/v1/namespaces/big/configmaps";

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().start();
    }

    private RunningProxy proxy() throws IOException {
        return StandIns.before(server, directory, fast()).using(server.issue());
    }

    /** A request that fails after three seconds fails after less than one. */
    private static SettingsDraft fast() {
        return new SettingsDraft().nanoTime(() -> 10 * System.nanoTime());
    }

    static List<Fault> beforeTheHead() {
        return List.of(
                Fault.reset(Moment.ON_REQUEST_HEAD),
                Fault.reset(Moment.BEFORE_HEAD),
                Fault.close(Moment.BEFORE_HEAD),
                Fault.truncate(Moment.BEFORE_HEAD),
                Fault.reset(Moment.IN_HEAD),
                Fault.close(Moment.IN_HEAD),
                Fault.truncate(Moment.IN_HEAD),
                Fault.emptyAnswer(),
                new Fault.Malformed("no HTTP at all\r\n\r\n"),
                new Fault.RefuseConnection(),
                new Fault.PlainHttp(),
                Fault.otherAuthority(),
                Fault.otherNames());
    }

    @ParameterizedTest
    @MethodSource("beforeTheHead")
    void aFaultBeforeTheHeadersIs502(Fault fault) throws IOException {
        // Given
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            server.fault(fault);

            // When
            caller.get("/version", "");

            // Then
            assertGets(caller, 502);
        }
    }

    private static void assertGets(RawCaller caller, int status) throws IOException {
        assertThat(caller.readAnswer())
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("\"kind\":\"Status\"", "\"code\":" + status);
    }

    static Stream<Arguments> noConnections() {
        return Stream.of(
                Arguments.of(new Fault.RefuseConnection(), 502, " closed the connection during the TLS handshake\""),
                Arguments.of(new Fault.PlainHttp(), 502, " answered in plain HTTP, not TLS\""),
                Arguments.of(new Fault.SilentConnection(), 504, " did not complete the TLS handshake within 0.1 s\""));
    }

    /** Readers of the verdict read the same sentence, which tests of the connector check. */
    @ParameterizedTest
    @MethodSource("noConnections")
    void aCallerReadsWhyThereIsNoConnection(Fault fault, int status, String end) throws IOException {
        // Given
        server.fault(fault);
        SettingsDraft settings =
                fault instanceof Fault.SilentConnection ? fast().connectTimeout(Duration.ofMillis(100)) : fast();
        try (RunningProxy proxy = StandIns.before(server, directory, settings).using(server.issue());
                RawCaller caller = proxy.call()) {
            // When
            String answer = caller.get("/version", "").readAnswer();

            // Then
            assertThat(answer)
                    .startsWith("HTTP/1.1 " + status + " ")
                    .contains(": 127.0.0.1:" + server.port(), end, "retry-after: 1\r\n");
        }
    }

    static List<Fault> thatAPersonMustFix() {
        return List.of(new Fault.PlainHttp(), Fault.otherAuthority(), Fault.otherNames());
    }

    @ParameterizedTest
    @MethodSource("thatAPersonMustFix")
    void aPermanentFaultIs502EvenIfAnotherReplicaRefuses(Fault fault) throws IOException {
        isAStatusBesideARefusingReplica(fault, fast(), ReplicaSelection.order(1, 0), false, 502);
    }

    static List<Fault> thatMayPass() {
        return beforeTheHead().stream()
                .filter(fault -> !thatAPersonMustFix().contains(fault))
                .toList();
    }

    /**
     * Before the hold ends, the silent replica may respond, or the other replica may accept the token. The proxy's
     * clock stands still. Otherwise, a busy machine could use up the hold timeout during a single attempt.
     */
    @ParameterizedTest
    @MethodSource("thatMayPass")
    void aRequestIsHeldIfOneReplicaIsSilentAndAnotherRefuses(Fault fault) throws IOException {
        SettingsDraft settings =
                new SettingsDraft().holdTimeout(Duration.ofMillis(50)).nanoTime(() -> 0);
        isAStatusBesideARefusingReplica(fault, settings, ReplicaSelection.order(1, 0), false, 503);
    }

    /** All API servers stop while a request waits. */
    @ParameterizedTest
    @MethodSource("thatMayPass")
    void heldRequestsGet502WhenNoReplicaRespondsAnyMore(Fault fault) throws IOException {
        int[] theOtherFirst = IntStream.range(0, 100)
                .map(connection -> connection == 0 ? 1 : 0)
                .toArray();
        isAStatusBesideARefusingReplica(fault, fast(), ReplicaSelection.order(theOtherFirst), true, 502);
    }

    /**
     * Checks the status while replica 1 refuses the token and replica 0 has the fault.
     *
     * @param stops whether replica 1 closes its connections after the refusal
     */
    private void isAStatusBesideARefusingReplica(
            Fault fault, SettingsDraft settings, ReplicaSelection selection, boolean stops, int status)
            throws IOException {
        // Given
        server.close();
        server = StandInApiServer.builder()
                .offsets(Duration.ZERO, Duration.ofMinutes(-10))
                .selection(selection)
                .start();
        try (RunningProxy proxy = StandIns.before(server, directory, settings)
                        .usingPartly(TestTokens.parse(server.issue(TokenSpec.unextended())));
                RawCaller caller = proxy.call()) {
            server.replica(0).fault(fault);

            // When
            caller.get("/version", "");
            if (stops) {
                await().until(() -> !proxy.observer.refusals.isEmpty());
                server.replica(1).closeConnections();
            }

            // Then
            assertGets(caller, status);
            assertThat(server.replica(1).requestCount()).isPositive();
        }
    }

    @Test
    void aConnectionThatIsRefusedOnceIsTriedAgain() throws IOException {
        // Given
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            server.replica(0).fault(new Fault.RefuseConnection(), 1);

            // When
            caller.get("/version", "");

            // Then the request was sent once
            assertThat(caller.readHead()).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("token-guardian:");
            assertThat(server.replica(0).connectionCount()).isGreaterThan(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AFTER_HEAD", "IN_BODY"})
    void aFaultAfterTheHeadersIsNotACleanEnd(Moment moment) throws IOException {
        server.fillBigList(300_000);
        for (Fault fault : new Fault[] {Fault.reset(moment), Fault.close(moment), Fault.truncate(moment)}) {
            try (RunningProxy proxy = proxy();
                    RawCaller caller = proxy.call()) {
                server.fault(fault);
                // a reset may overtake the headers
                assertThat(caller.get(LIST, "").statusIfWhole("GET")).isIn(0, 502);
            }
        }
    }

    @Test
    void aPooledConnectionThatTheServerHasClosedIsReplaced() throws IOException {
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            caller.get("/version", "").readAnswer();
            server.replica(0).fault(Fault.emptyAnswer(), 1);
            assertThat(caller.get("/version", "").readHead())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("token-guardian: held=0.000;retries=1\r\n");
        }
    }

    @Test
    void aPostOverAPooledConnectionThatBreaksIsNotSentTwice() throws IOException {
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            caller.get("/version", "").readAnswer();
            server.clearRecords();
            server.replica(0).fault(Fault.reset(Moment.BEFORE_HEAD), 1);
            String object = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"one\"}}";
            caller.send("POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                    + object.length() + "\r\n\r\n" + object);
            assertThat(caller.readHead()).startsWith("HTTP/1.1 502 ");
            assertThat(server.executed()).hasSize(1);
        }
    }
}
