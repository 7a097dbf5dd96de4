package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a caller gets when the API server breaks: no wrong bytes, and no endless wait. */
class FaultTest {

    private static final String LIST = "/api/v1/namespaces/big/configmaps";

    @TempDir
    Path directory;

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
        isAStatus(fault, new SettingsDraft(), 502);
    }

    @Test
    void aSilentConnectionIs504AfterTheConnectTimeout() throws IOException {
        isAStatus(new Fault.SilentConnection(), new SettingsDraft().connectTimeout(Duration.ofMillis(50)), 504);
    }

    private void isAStatus(Fault fault, SettingsDraft settings, int status) throws IOException {
        // Given
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy =
                        StandIns.before(server, directory, settings, 1).using(server.issue());
                RawCaller caller = proxy.call()) {
            server.fault(fault);

            // When
            caller.get("/version", "");

            // Then
            assertGets(caller, status);
        }
    }

    private static void assertGets(RawCaller caller, int status) throws IOException {
        assertThat(caller.readHead()).startsWith("HTTP/1.1 " + status + " ");
        assertThat(caller.readTo("}\n")).contains("\"kind\":\"Status\"", "\"code\":" + status);
    }

    static List<Fault> thatAPersonMustFix() {
        return List.of(new Fault.PlainHttp(), Fault.otherAuthority(), Fault.otherNames());
    }

    @ParameterizedTest
    @MethodSource("thatAPersonMustFix")
    void aPermanentFaultIs502EvenIfAnotherReplicaRefuses(Fault fault) throws IOException {
        isAStatusBesideARefusingReplica(fault, new SettingsDraft(), 502);
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
        SettingsDraft settings = new SettingsDraft().holdTimeout(Duration.ofMillis(50));
        isAStatusBesideARefusingReplica(fault, () -> 0, settings, ReplicaSelection.order(1, 0), 503);
    }

    /** All API servers stop while a request waits. */
    @ParameterizedTest
    @MethodSource("thatMayPass")
    void heldRequestsGet502WhenNoReplicaRespondsAnyMore(Fault fault) throws IOException {
        int[] theOtherFirst = IntStream.range(0, 100)
                .map(connection -> connection == 0 ? 1 : 0)
                .toArray();
        isAStatusBesideARefusingReplica(
                fault, System::nanoTime, new SettingsDraft(), ReplicaSelection.order(theOtherFirst), 502);
    }

    /**
     * Checks the status. The two replicas get the connections in turn, beginning with the replica that refuses the
     * token.
     */
    private void isAStatusBesideARefusingReplica(Fault fault, SettingsDraft settings, int status) throws IOException {
        isAStatusBesideARefusingReplica(fault, System::nanoTime, settings, ReplicaSelection.order(1, 0), status);
    }

    /** Checks the status while replica 1 refuses the token and replica 0 has the fault. */
    private void isAStatusBesideARefusingReplica(
            Fault fault, LongSupplier nanoTime, SettingsDraft settings, ReplicaSelection selection, int status)
            throws IOException {
        // Given
        try (StandInApiServer server = StandInApiServer.builder()
                        .offsets(Duration.ZERO, Duration.ofMinutes(-10))
                        .selection(selection)
                        .start();
                RunningProxy proxy = StandIns.at(nanoTime, server, directory, settings)
                        .usingPartly(TestTokens.parse(server.issue(TokenSpec.unextended())));
                RawCaller caller = proxy.call()) {
            server.replica(0).fault(fault);

            // When
            caller.get("/version", "");

            // Then
            assertGets(caller, status);
            assertThat(server.replica(1).requestCount()).isPositive();
        }
    }

    @Test
    void aConnectionThatIsRefusedOnceIsTriedAgain() throws IOException {
        // Given
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            server.replica(0).fault(new Fault.RefuseConnection(), 1);

            // When
            caller.get("/version", "");

            // Then the request was sent once
            assertThat(caller.readHead()).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("token-guardian:");
            assertThat(server.replica(0).connectionCount()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AFTER_HEAD", "IN_BODY"})
    void aFaultAfterTheHeadersIsNotACleanEnd(Moment moment) throws IOException {
        for (Fault fault : new Fault[] {Fault.reset(moment), Fault.close(moment), Fault.truncate(moment)}) {
            try (StandInApiServer server = StandInApiServer.builder().start();
                    RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                    RawCaller caller = proxy.call()) {
                server.fillBigList(300_000);
                server.fault(fault);
                caller.get(LIST, "");
                String head = caller.readHead();
                if (head.startsWith("HTTP/1.1 502 ")) {
                    continue; // a reset may overtake the headers
                }
                assertThat(head).startsWith("HTTP/1.1 200 OK\r\n");
                String body = caller.readAll();
                int length = contentLength(head);
                assertThat(length < 0 ? body.endsWith("0\r\n\r\n") : body.length() >= length)
                        .as("complete by %s", fault)
                        .isFalse();
            }
        }
    }

    private static int contentLength(String head) {
        return head.lines()
                .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
                .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElse(-1);
    }

    @Test
    void aBodyShorterThanItsLengthIsNotACleanEnd() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            server.fault(new Fault.WrongContentLength(10));
            caller.get("/version", "");
            int length = contentLength(caller.readHead());
            assertThat(caller.readAll().length()).isEqualTo(length - 10);
        }
    }

    @Test
    void aSlowResponseArrivesWhole() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            server.fault(new Fault.SlowDrip(7, Duration.ofMillis(2)));
            caller.get("/version", "");
            int length = contentLength(caller.readHead());
            assertThat(caller.read(length)).contains("gitVersion").endsWith("}");
        }
    }

    @Test
    void a429PassesWithItsRetryAfter() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            server.fault(Fault.tooManyRequests(7));
            caller.get("/version", "");
            assertThat(caller.readHead()).startsWith("HTTP/1.1 429 ").containsIgnoringCase("retry-after: 7\r\n");
            assertThat(caller.readTo("\n")).isEqualTo("Too many requests, please try again later.\n");
        }
    }

    @Test
    void aPooledConnectionThatTheServerHasClosedIsReplaced() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            caller.get("/version", "");
            caller.read(contentLength(caller.readHead()));
            server.replica(0).fault(Fault.emptyAnswer(), 1);
            caller.get("/version", "");
            assertThat(caller.readHead())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("token-guardian: held=0.000;retries=1\r\n");
        }
    }

    @Test
    void aPostOverAPooledConnectionThatBreaksIsNotSentTwice() throws IOException {
        try (StandInApiServer server = StandInApiServer.builder().start();
                RunningProxy proxy = StandIns.before(server, directory).using(server.issue());
                RawCaller caller = proxy.call()) {
            caller.get("/version", "");
            caller.read(contentLength(caller.readHead()));
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
