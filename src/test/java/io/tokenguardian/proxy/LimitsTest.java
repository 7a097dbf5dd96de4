package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.proxy.http.StrictRequestDecoder;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Limits on the memory that callers can use. A caller that keeps to the rules is still served. */
class LimitsTest extends ScriptedProxyTest {

    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    private static final ScriptedServer.Script GOOD = ScriptedServer.always("200 OK", "good");

    /** The first answer comes after the release. */
    private static final ScriptedServer.Script LATE = connection -> {
        connection.readHead();
        connection.awaitRelease();
        connection.answer("200 OK", "late");
        connection.readHead();
        connection.answer("200 OK", "next");
    };

    @Test
    void withAllPlacesTakenTheLongestIdleCallerMakesRoom() throws IOException {
        start(GOOD, draft -> draft.capacity(2, 10)).using(TOKEN);
        RawCaller second = call();

        // Given
        caller.get("/", "").readAnswer();
        second.get("/", "").readAnswer();

        // When
        RawCaller third = call().get("/", "");
        // Then
        assertThat(third.readAnswer()).endsWith("good");
        assertThat(caller.readAll()).isEmpty();
        assertThat(second.get("/", "").readAnswer()).endsWith("good");
    }

    @Test
    void aCallerWithUnreadResponsesDoesNotMakeRoom() throws IOException {
        int responses = 3_000;
        String body = "x".repeat(8_000);
        start(ScriptedServer.always("200 OK", body), draft -> draft.capacity(1, 10))
                .using(TOKEN);
        // Given
        caller.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(responses));
        server.awaitStandstill();

        // When
        RawCaller next = call().get("/", "");
        next.readAnswer();

        // Then
        for (int i = 0; i < responses; i++) {
            assertThat(caller.readAnswer()).endsWith("xxx");
        }
    }

    @Test
    void manySimultaneousCallersDoNotExceedTheLimit() throws IOException {
        start(GOOD, draft -> draft.capacity(3, 10)).using(TOKEN);
        for (int i = 0; i < 20; i++) {
            call();
        }
        assertThat(call().get("/", "").readAnswer()).endsWith("good");
        await().until(() -> proxy.proxy().callers().size() <= 3);
    }

    @Test
    void withAllPlacesBusyTheNextCallerWaitsUntilAPlaceIsFree() throws IOException {
        start(LATE, draft -> draft.capacity(1, 10)).using(TOKEN);
        RawCaller second = call();

        // Given one caller above the limit, because the last caller takes the place of another caller
        caller.get("/", "");
        second.get("/", "");
        await().until(() -> server.requests().size() == 2);

        // When
        RawCaller third = call();
        third.get("/", "");
        server.release();

        // Then
        assertThat(third.readAnswer()).endsWith("next");
    }

    @Test
    void withAllConnectionsToTheServerInUseARequestGetsRetryAfter() throws IOException {
        start(LATE, draft -> draft.capacity(10, 1)).using(TOKEN);
        RawCaller second = call();

        // Given
        caller.get("/", "");
        await().until(() -> server.requests().size() == 1);

        // When
        second.get("/", "");

        // Then
        assertThat(second.readAnswer())
                .startsWith("HTTP/1.1 503 ")
                .containsIgnoringCase("retry-after: 1")
                .contains("the proxy is overloaded: all connections to the API server are in use");
        server.release();
        assertThat(caller.readAnswer()).endsWith("late");
        assertThat(second.get("/", "").readAnswer()).endsWith("next");
    }

    @Test
    void manyLargeHeadersAreRefusedAndAnOrdinaryCallerIsNot() throws IOException {
        String large = "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(60_000);
        start(GOOD).using(TOKEN);

        // Given endless headers that use up the budget
        long heads = StrictRequestDecoder.BUDGET / (60_000 - StrictRequestDecoder.FREE);
        for (int i = 0; i < heads; i++) {
            call().send(large);
        }
        Semaphore budget = proxy.proxy().context().headBudget();
        await().until(() -> budget.availablePermits() < 60_000 - StrictRequestDecoder.FREE);

        // When
        RawCaller last = call().send(large);

        // Then
        assertThat(last.readAll()).startsWith("HTTP/1.1 503 ").contains("the proxy is overloaded");
        assertThat(caller.get("/", "").readAnswer()).endsWith("good");
    }

    @Test
    void aBodyOfOneByteChunksTakesLittleMoreMemoryThanItsBytes() throws IOException {
        start(GOOD);
        int chunks = 200_000;
        long before = proxy.replayBudgetLeft();
        caller.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
                .send("1\r\nx\r\n".repeat(chunks));
        await().until(() -> before - proxy.replayBudgetLeft() >= chunks);
        assertThat(before - proxy.replayBudgetLeft()).isLessThan(2L * chunks);
    }

    private static final String POST = "POST / HTTP/1.1\r\nHost: localhost\r\n";
    private static final String LARGE = POST + "Content-Length: 4000000\r\n\r\nx";
    private static final String OPEN = POST + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n";

    private static final ScriptedServer.Script SILENT = connection -> {
        connection.readHead();
        connection.awaitRelease();
    };

    private void startWithTwoConnections(ScriptedServer.Script script) throws IOException {
        start(script, draft -> draft.capacity(10, 2)).using(TOKEN);
    }

    @Test
    void besideManyBodiesALargeBodyGetsRetryAfter() throws IOException {
        startWithTwoConnections(SILENT);
        caller.send(OPEN);
        await().until(() -> server.requests().size() == 1);

        RawCaller second = call().send(LARGE);
        assertThat(second.readAnswer())
                .startsWith("HTTP/1.1 503 ")
                .containsIgnoringCase("retry-after: 1")
                .contains("the proxy is overloaded: too many requests are tunnels or have incomplete bodies");
    }

    @Test
    void besideManyBodiesASmallBodyIsSentOnceItIsComplete() throws IOException {
        startWithTwoConnections(SILENT);
        RawCaller second = call();
        caller.send(OPEN);
        await().until(() -> server.requests().size() == 1);

        second.send(POST + "Content-Length: 200000\r\n\r\n" + "x".repeat(200_000)); // takes several reads

        await().until(() -> server.requests().size() == 2);
    }

    @Test
    void theEndOfABodyMakesRoomForAnother() throws IOException {
        CountDownLatch received = new CountDownLatch(1);
        startWithTwoConnections(connection -> {
            connection.readHead();
            connection.read("1\r\nx\r\n0\r\n\r\n".length());
            received.countDown();
            connection.awaitRelease();
        });
        caller.send(OPEN);
        await().until(() -> server.requests().size() == 1);
        caller.send("0\r\n\r\n");
        await().until(() -> received.getCount() == 0);

        RawCaller second = call();
        second.send(LARGE);
        await().until(() -> server.requests().size() == 2);
    }

    @Test
    void aCallerThatLeavesMakesRoomForAnotherBody() throws IOException {
        startWithTwoConnections(SILENT);
        long budget = proxy.replayBudgetLeft();
        caller.send(OPEN);
        await().until(() -> server.requests().size() == 1);
        caller.close();
        await().until(() -> proxy.replayBudgetLeft() == budget);

        RawCaller second = call();
        second.send(LARGE);
        await().until(() -> server.requests().size() == 2);
    }

    @Test
    void ofTheHeldRequestsAThirdOfTheConnectionsSendTheirBodies() throws IOException {
        start(SILENT, draft -> draft.capacity(10, 2));
        RawCaller second = call();
        RawCaller third = call();
        caller.send(LARGE);
        await().until(() -> proxy.counters().heldNow() == 1);
        second.send(LARGE);
        await().until(() -> proxy.counters().heldNow() == 2);

        proxy.using(TOKEN);

        assertThat(second.readAnswer()).startsWith("HTTP/1.1 503 ");
        third.get("/", ""); // over the connection that the second gave back
        await().until(() -> server.requests().size() == 2);
    }
}
