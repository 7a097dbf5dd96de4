package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.HangDetector;
import io.tokenguardian.proxy.request.HoldPlaces;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HoldTest extends ScriptedProxyTest {

    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    private static final ScriptedServer.Script COUNTING = connection -> {
        for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
            connection.answer("200 OK", "got " + connection.readBody(head).length());
        }
    };

    private static String post(int length) {
        return "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n";
    }

    @Test
    void aHoldThatTimesOutEndsWithAStatusAndRetryAfter() throws IOException {
        start(COUNTING, draft -> draft.holdTimeout(Duration.ofMillis(50)));
        long before = System.nanoTime();
        String answer = caller.get("/", "").readAnswer();
        double most = (System.nanoTime() - before) / 1e9;
        assertThat(answer)
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .containsIgnoringCase("retry-after: 1\r\n")
                .contains("\"reason\":\"ServiceUnavailable\"", "\"retryAfterSeconds\":1");
        assertThat(proxy.counters().heldNow()).isZero();
        assertThat(proxy.proxy().counters().heldTimes().count()).isEqualTo(1);
        assertThat(proxy.proxy().counters().heldTimes().seconds()).isBetween(0.05, most);
        assertThat(proxy.proxy().counters().responses())
                .containsExactly(new ProxyCounters.ResponseCount("GET", "5xx", 1));
    }

    @Test
    void aRequestAboveTheHoldLimitIsTurnedAway() throws IOException {
        start(COUNTING);
        RawCaller second = call();
        HoldPlaces.takeAllBut(1, proxy.proxy().context().requests());
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
        assertThat(second.get("/", "").readAnswer())
                .startsWith("HTTP/1.1 503 ")
                .contains("too many requests are waiting");
        proxy.using(TOKEN);
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
        assertThat(second.get("/", "").readAnswer()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aCallerThatLeavesIsNoLongerHeld() throws IOException {
        start(COUNTING);
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
        caller.close();
        await().until(() -> proxy.counters().heldNow() == 0);
        assertThat(server.connections()).isZero();
    }

    @Test
    void aSmallBodyIsReadDuringTheHold() throws IOException {
        start(COUNTING);
        caller.send(post(10) + "0123456789");
        await().until(() -> proxy.counters().heldNow() == 1);
        proxy.using(TOKEN);
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("got 10");
    }

    @Test
    void aBodyOverTheLimitWaitsUnreadAndArrivesWhole() throws Exception {
        int length = 20_000_000;
        start(COUNTING, draft -> draft.replayLimit(1000));
        caller.send(post(length));
        await().until(() -> proxy.counters().heldNow() == 1);
        Thread writer = new Thread(() -> {
            try {
                for (int i = 0; i < 20; i++) {
                    caller.send("x".repeat(1_000_000));
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        writer.start();
        // the bytes fill the sockets, which stops the writer
        await().until(() -> writer.getState() == Thread.State.RUNNABLE || writer.getState() == Thread.State.WAITING);
        assertThat(server.connections()).isZero();
        proxy.using(TOKEN);
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("got " + length);
        writer.join();
    }

    @Test
    void a401ToABodyOverTheLimitPasses() throws IOException {
        start(
                        connection -> {
                            connection.readHead();
                            connection.read(2000);
                            connection.answer("401 Unauthorized\r\nDate: Wed, 31 Dec 2025 23:58:59 GMT", "no");
                        },
                        draft -> draft.replayLimit(1000))
                .using(TOKEN);
        assertThat(caller.send(post(2000) + "x".repeat(2000)).readAnswer()).startsWith("HTTP/1.1 401 ");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void a401InTheSecondOfTheWindowIsRetriedAtOnce() throws IOException {
        start(connection -> {
                    connection.readHead();
                    connection.read(4);
                    if (connection.number() == 0) {
                        connection.answer("401 Unauthorized\r\nDate: Wed, 31 Dec 2025 23:59:00 GMT", "no");
                        connection.readHead();
                        connection.read(4);
                    }
                    connection.answer("200 OK", "body");
                })
                .using(TOKEN);
        assertThat(caller.send(post(4) + "body").readAnswer())
                .startsWith("HTTP/1.1 200 ")
                .contains("token-guardian: held=0.000;retries=1\r\n")
                .endsWith("body");
    }

    @Test
    void a401InsideTheWindowPassesByteForByte() throws IOException {
        String answer =
                "401 Unauthorized\r\nWWW-authenticate: x\r\nDate: Thu, 01 Jan 2026 00:30:00 GMT\r\nX-a: 1\r\nx-A: 2";
        start(connection -> {
                    connection.readHead();
                    connection.answer(answer, "the backend's own");
                    connection.readHead(); // the proof
                })
                .using(TOKEN);
        assertThat(caller.get("/api/v1/namespaces/n/services/s/proxy/", "").readAnswer())
                .isEqualTo("HTTP/1.1 " + answer + "\r\nContent-Length: 17\r\n\r\nthe backend's own");
    }

    @Test
    void aRefusedRequestIsRetriedWithTheRotatedToken() throws IOException {
        Token next = Tokens.issuedAt(Instant.parse("2026-01-01T00:20:00Z"));
        start(connection -> {
                    for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
                        if (head.contains(next.bearer())) {
                            connection.answer("200 OK", "yes");
                        } else {
                            connection.awaitRelease();
                            connection.answer("401 Unauthorized", "no");
                        }
                    }
                })
                .using(TOKEN);
        caller.get("/", "");
        await().until(() -> server.requests().size() == 1);
        proxy.using(next);
        server.release();
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ").contains("retries=1");
    }

    @Test
    void aShutdownEndsHeldRequests() throws Exception {
        start(COUNTING);
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
        proxy.proxy().drain(HangDetector.TIMEOUT);
        assertThat(caller.readAll()).startsWith("HTTP/1.1 503 ").contains("shutting down");
    }

    @Test
    void aResponseDuringAShutdownHasConnectionClose() throws Exception {
        start(connection -> {
                    connection.readHead();
                    connection.awaitRelease();
                    connection.answer("200 OK", "late");
                })
                .using(TOKEN);

        // Given
        caller.get("/", "");
        await().until(() -> server.requests().size() == 1);

        // When
        CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> proxy.drain(Duration.ofMinutes(1)));
        await().until(proxy::isDraining);
        server.release();

        // Then
        assertThat(caller.readAll())
                .containsIgnoringCase("\r\nconnection: close\r\n")
                .endsWith("late");
        drained.join();
    }

    @Test
    void aShutdownSendsNoRequestWhoseResponseWouldBeLost() throws Exception {
        // Given responses that fill all buffers of the system and the proxy for one caller, and requests behind them
        int requests = 400;
        String body = "x".repeat(100_000);
        start(ScriptedServer.always("200 OK", body)).using(TOKEN);
        caller.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(requests));
        server.awaitStandstill();

        // When
        CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> proxy.drain(Duration.ofMinutes(1)));
        await().until(proxy::isDraining);
        String answers = caller.readAll();

        // Then
        drained.join();
        assertThat(server.requests()).hasSizeLessThan(requests);
        assertThat(answers.split("HTTP/1.1 200 OK", -1))
                .hasSize(server.requests().size() + 1);
    }

    @Test
    void aRefusedRequestWaitsUntilATokenIsUsableAgain() throws IOException {
        // Given a replica that treats the token as expired, after which no token is known to be accepted
        AtomicInteger heads = new AtomicInteger();
        start(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        if (heads.incrementAndGet() == 1) {
                            proxy.using((Token) null);
                            connection.answer("401 Unauthorized\r\nDate: Thu, 01 Jan 2026 03:00:00 GMT", "expired");
                        } else {
                            connection.answer("200 OK", "good");
                        }
                    }
                })
                .using(TOKEN);

        // When
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
        proxy.using(TOKEN);

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("good");
    }
}
