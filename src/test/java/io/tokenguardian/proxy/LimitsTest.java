package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.proxy.http.StrictRequestDecoder;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Limits on the memory that callers can use. A caller that keeps to the rules is still served. */
class LimitsTest {

    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    private static ScriptedServer server() throws IOException {
        return ScriptedServer.answering("200 OK", "good");
    }

    /** Its first answer comes after the release. */
    private static ScriptedServer lateServer() throws IOException {
        return new ScriptedServer(connection -> {
            connection.readHead();
            connection.awaitRelease();
            connection.answer("200 OK", "late");
            connection.readHead();
            connection.answer("200 OK", "next");
        });
    }

    @Test
    void withAllPlacesTakenTheLongestIdleCallerMakesRoom() throws IOException {
        try (ScriptedServer server = server();
                RunningProxy proxy = RunningProxy.before(server, draft -> draft.capacity(2, 10))
                        .using(TOKEN);
                RawCaller first = proxy.call();
                RawCaller second = proxy.call()) {
            // Given
            first.get("/", "").readAnswer();
            second.get("/", "").readAnswer();

            // When
            try (RawCaller third = proxy.call().get("/", "")) {

                // Then
                assertThat(third.readAnswer()).endsWith("good");
                assertThat(first.readAll()).isEmpty();
                assertThat(second.get("/", "").readAnswer()).endsWith("good");
            }
        }
    }

    @Test
    void aCallerWithUnreadResponsesDoesNotMakeRoom() throws IOException {
        int responses = 3_000;
        String body = "x".repeat(8_000);
        try (ScriptedServer server = ScriptedServer.answering("200 OK", body);
                RunningProxy proxy = RunningProxy.before(server, draft -> draft.capacity(1, 10))
                        .using(TOKEN);
                RawCaller slow = proxy.call()) {
            // Given
            slow.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(responses));
            server.awaitStandstill();

            // When
            try (RawCaller next = proxy.call().get("/", "")) {
                next.readAnswer();
            }

            // Then
            for (int i = 0; i < responses; i++) {
                assertThat(slow.readAnswer()).endsWith("xxx");
            }
        }
    }

    @Test
    void manySimultaneousCallersDoNotExceedTheLimit() throws IOException {
        try (ScriptedServer server = server();
                RunningProxy proxy = RunningProxy.before(server, draft -> draft.capacity(3, 10))
                        .using(TOKEN)) {
            List<RawCaller> callers = new ArrayList<>();
            try {
                for (int i = 0; i < 20; i++) {
                    callers.add(proxy.call());
                }
                RawCaller last = proxy.call();
                callers.add(last);
                assertThat(last.get("/", "").readAnswer()).endsWith("good");
                await().until(() -> proxy.proxy().callers().size() <= 3);
            } finally {
                for (RawCaller caller : callers) {
                    caller.close();
                }
            }
        }
    }

    @Test
    void withAllPlacesBusyTheNextCallerWaitsUntilAPlaceIsFree() throws IOException {
        try (ScriptedServer server = lateServer();
                RunningProxy proxy = RunningProxy.before(server, draft -> draft.capacity(1, 10))
                        .using(TOKEN);
                RawCaller first = proxy.call();
                RawCaller second = proxy.call()) {
            // Given one caller above the limit, because the last caller takes the place of another caller
            first.get("/", "");
            second.get("/", "");
            await().until(() -> server.requests().size() == 2);

            // When
            try (RawCaller third = proxy.call()) {
                third.get("/", "");
                server.release();

                // Then
                assertThat(third.readAnswer()).endsWith("next");
            }
        }
    }

    @Test
    void withAllConnectionsToTheServerInUseARequestGetsRetryAfter() throws IOException {
        try (ScriptedServer server = lateServer();
                RunningProxy proxy = RunningProxy.before(server, draft -> draft.capacity(10, 1))
                        .using(TOKEN);
                RawCaller first = proxy.call();
                RawCaller second = proxy.call()) {
            // Given
            first.get("/", "");
            await().until(() -> server.requests().size() == 1);

            // When
            second.get("/", "");

            // Then
            assertThat(second.readAnswer())
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("retry-after: 1")
                    .contains("the proxy is overloaded: all connections to the API server are in use");
            server.release();
            assertThat(first.readAnswer()).endsWith("late");
            assertThat(second.get("/", "").readAnswer()).endsWith("next");
        }
    }

    @Test
    void manyLargeHeadersAreRefusedAndAnOrdinaryCallerIsNot() throws IOException {
        String large = "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(60_000);
        try (ScriptedServer server = server();
                RunningProxy proxy = RunningProxy.before(server).using(TOKEN);
                RawCaller ordinary = proxy.call()) {
            List<RawCaller> callers = new ArrayList<>();
            try {
                // Given endless headers that use up the budget
                long heads = StrictRequestDecoder.BUDGET / (60_000 - StrictRequestDecoder.FREE);
                for (int i = 0; i < heads; i++) {
                    callers.add(proxy.call().send(large));
                }
                Semaphore budget = proxy.proxy().context().headBudget();
                await().until(() -> budget.availablePermits() < 60_000 - StrictRequestDecoder.FREE);
                RawCaller last = proxy.call().send(large);
                callers.add(last);

                // Then
                assertThat(last.readAll()).startsWith("HTTP/1.1 503 ").contains("the proxy is overloaded");
                assertThat(ordinary.get("/", "").readAnswer()).endsWith("good");
            } finally {
                for (RawCaller caller : callers) {
                    caller.close();
                }
            }
        }
    }

    @Test
    void aBodyOfOneByteChunksTakesLittleMoreMemoryThanItsBytes() throws IOException {
        try (ScriptedServer server = server();
                RunningProxy proxy = RunningProxy.before(server);
                RawCaller caller = proxy.call()) {
            int chunks = 200_000;
            long before = proxy.replayBudgetLeft();
            caller.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .send("1\r\nx\r\n".repeat(chunks));
            await().until(() -> before - proxy.replayBudgetLeft() >= chunks);
            assertThat(before - proxy.replayBudgetLeft()).isLessThan(2L * chunks);
        }
    }

    private static final String POST = "POST / HTTP/1.1\r\nHost: localhost\r\n";
    private static final String LARGE = POST + "Content-Length: 4000000\r\n\r\nx";
    private static final String OPEN = POST + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n";

    private static ScriptedServer silentServer() throws IOException {
        return new ScriptedServer(connection -> {
            connection.readHead();
            connection.awaitRelease();
        });
    }

    private static RunningProxy withTwoConnections(ScriptedServer server) throws IOException {
        return RunningProxy.before(server, draft -> draft.capacity(10, 2)).using(TOKEN);
    }

    @Test
    void besideManyBodiesALargeBodyGetsRetryAfter() throws IOException {
        try (ScriptedServer server = silentServer();
                RunningProxy proxy = withTwoConnections(server);
                RawCaller first = proxy.call()) {
            first.send(OPEN);
            await().until(() -> server.requests().size() == 1);

            try (RawCaller second = proxy.call().send(LARGE)) {
                assertThat(second.readAnswer())
                        .startsWith("HTTP/1.1 503 ")
                        .containsIgnoringCase("retry-after: 1")
                        .contains("the proxy is overloaded: too many requests are tunnels or have incomplete bodies");
            }
        }
    }

    @Test
    void besideManyBodiesASmallBodyIsSentOnceItIsComplete() throws IOException {
        try (ScriptedServer server = silentServer();
                RunningProxy proxy = withTwoConnections(server);
                RawCaller first = proxy.call();
                RawCaller second = proxy.call()) {
            first.send(OPEN);
            await().until(() -> server.requests().size() == 1);

            second.send(POST + "Content-Length: 200000\r\n\r\n" + "x".repeat(200_000)); // takes several reads

            await().until(() -> server.requests().size() == 2);
        }
    }

    @Test
    void theEndOfABodyMakesRoomForAnother() throws IOException {
        CountDownLatch received = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    connection.readHead();
                    connection.read("1\r\nx\r\n0\r\n\r\n".length());
                    received.countDown();
                    connection.awaitRelease();
                });
                RunningProxy proxy = withTwoConnections(server);
                RawCaller first = proxy.call().send(OPEN)) {
            await().until(() -> server.requests().size() == 1);
            first.send("0\r\n\r\n");
            await().until(() -> received.getCount() == 0);

            try (RawCaller second = proxy.call()) {
                second.send(LARGE);
                await().until(() -> server.requests().size() == 2);
            }
        }
    }

    @Test
    void aCallerThatLeavesMakesRoomForAnotherBody() throws IOException {
        try (ScriptedServer server = silentServer();
                RunningProxy proxy = withTwoConnections(server)) {
            long budget = proxy.replayBudgetLeft();
            try (RawCaller first = proxy.call()) {
                first.send(OPEN);
                await().until(() -> server.requests().size() == 1);
            }
            await().until(() -> proxy.replayBudgetLeft() == budget);

            try (RawCaller second = proxy.call()) {
                second.send(LARGE);
                await().until(() -> server.requests().size() == 2);
            }
        }
    }

    @Test
    void ofTheHeldRequestsAThirdOfTheConnectionsSendTheirBodies() throws IOException {
        try (ScriptedServer server = silentServer();
                RunningProxy proxy = RunningProxy.before(server, draft -> draft.capacity(10, 2));
                RawCaller first = proxy.call();
                RawCaller second = proxy.call();
                RawCaller third = proxy.call()) {
            first.send(LARGE);
            await().until(() -> proxy.counters().heldNow() == 1);
            second.send(LARGE);
            await().until(() -> proxy.counters().heldNow() == 2);

            proxy.using(TOKEN);

            assertThat(second.readAnswer()).startsWith("HTTP/1.1 503 ");
            third.get("/", ""); // over the connection that the second gave back
            await().until(() -> server.requests().size() == 2);
        }
    }
}
