package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.HangDetector;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A 401 from a backend behind a replica that accepts the token. The caller gets the 401 at once, and the 401 shows
 * nothing about the token.
 */
class BackendRefusalTest extends ScriptedProxyTest {

    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant IN_TIME = ISSUED.plusSeconds(10);
    private static final Instant TOO_EARLY = ISSUED.minusSeconds(600);
    private static final String SERVICE = "/api/v1/namespaces/shop/services/web/proxy/";
    private static final String GROUP = "/apis/metrics.k8s.io/v1beta1/nodes";
    private static final long SECOND = 1_000_000_000L;

    private final Token token = Tokens.issuedAt(ISSUED);

    /** While it stands still, no other connection is opened beside a slow one. */
    private final AtomicLong now = new AtomicLong();

    /** Returns a replica that accepts the token, and whose backend refuses each request with this header. */
    private static ScriptedServer.Script backend(String dateLine) {
        return connection -> {
            for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
                connection.read(head.startsWith("POST") ? 5 : 0);
                String mark = head.contains("/apis/") ? ScriptedServer.MARK : "";
                connection.answer(
                        "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"wiki\"" + dateLine + mark, "who?");
            }
        };
    }

    private List<String> sentTo(String path) {
        return server.requests().stream()
                .filter(head -> head.contains(" " + path + " "))
                .toList();
    }

    static Stream<Arguments> requestsAndDates() {
        return Stream.of("GET " + SERVICE, "POST " + SERVICE, "GET " + GROUP, "POST " + GROUP)
                .flatMap(request -> Stream.of(
                                "\r\n" + ReplicaScript.date(IN_TIME.minusSeconds(7_200)),
                                "\r\n" + ReplicaScript.date(ISSUED.minusSeconds(90)),
                                "\r\n" + ReplicaScript.date(ISSUED.minusSeconds(60)),
                                "\r\n" + ReplicaScript.date(IN_TIME),
                                "\r\n" + ReplicaScript.date(IN_TIME.plusSeconds(7_200)),
                                "",
                                "\r\nDate: yesterday")
                        .map(date -> Arguments.of(request, date)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("requestsAndDates")
    void aRefusalWithAnyDateReachesTheCallerAfterASingleSending(String request, String dateLine) throws IOException {
        start(backend(dateLine)).using(token);

        // When
        boolean post = request.startsWith("POST");
        caller.send(request + " HTTP/1.1\r\nHost: localhost\r\n" + (post ? "Content-Length: 5\r\n\r\nhello" : "\r\n"));

        // Then
        assertThat(caller.readAnswer())
                .startsWith("HTTP/1.1 401 ")
                .containsIgnoringCase("www-authenticate: Basic realm=\"wiki\"\r\n")
                .endsWith("\r\n\r\nwho?")
                .doesNotContainIgnoringCase("token-guardian");
        assertThat(sentTo(request.split(" ", -1)[1])).hasSize(1);
        assertThat(proxy.observer.refusals).isEmpty();
        assertThat(proxy.observer.dates).isEmpty();
        assertThat(proxy.counters().retries()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {SERVICE, GROUP})
    void aReplicaThatRefusesTheTokenDoesNotGetTheRequest(String path) throws IOException {
        // Given
        start(connection -> {
                    boolean slow = connection.number() == 0;
                    ReplicaScript.serve(
                            connection, slow ? TOO_EARLY : IN_TIME, slow ? new Token[0] : new Token[] {token});
                })
                .usingPartly(token);

        // When
        String answer = caller.get(path, "").readAnswer();

        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(sentTo(path)).hasSize(1);
        assertThat(proxy.observer.refusals).containsExactly(Finding.NOT_YET_VALID);
    }

    /** 40 requests a second, for a minute. */
    @Test
    void manyRefusalsCauseFewProofsAndNoReport() throws IOException {
        start(backend(""), draft -> draft.nanoTime(now::get)).using(token);

        // When
        for (int i = 0; i < 60 * 40; i++) {
            assertThat(caller.get(SERVICE, "").readAnswer()).startsWith("HTTP/1.1 401 ");
            now.addAndGet(SECOND / 40);
        }

        // Then one proof was sent for the connection, and one each second
        assertThat(server.proofs()).hasSize(1 + 60);
        assertThat(server.connections()).isEqualTo(1);
        assertThat(proxy.observer.refusals).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {SERVICE, GROUP})
    void aReplicaThatStopsAcceptingLosesTheRequestToAnother(String path) throws IOException {
        // Given a replica that accepts the token once
        start(
                        connection -> {
                            if (connection.number() == 0) {
                                connection.readAnyHead();
                                connection.answer("200 OK" + ScriptedServer.MARK, "{}");
                                ReplicaScript.serve(connection, TOO_EARLY);
                            }
                            ReplicaScript.serve(connection, IN_TIME, token);
                        },
                        draft -> draft.nanoTime(now::get))
                .usingPartly(token);

        // When
        String answer = caller.get(path, "").readAnswer();

        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ").containsIgnoringCase("token-guardian: held=");
        assertThat(sentTo(path)).hasSize(2);
        assertThat(proxy.observer.refusals).containsExactly(Finding.NOT_YET_VALID);
    }

    /** It is as long as the 401 to a proof, and the backend's is not. */
    @Test
    void theServersOwn401IsProvenDuringThePauseAfterABackends() throws IOException {
        // Given a replica that refuses, one that begins to refuse after a 401 of its backend, and others that accept
        // then
        AtomicBoolean proven = new AtomicBoolean();
        CompletableFuture<Void> refuses = new CompletableFuture<>();
        start(
                        connection -> {
                            if (connection.number() > 0) {
                                connection.readAnyHead();
                                if (proven.getAndSet(true)) {
                                    refuses.join();
                                    connection.answer("200 OK" + ScriptedServer.MARK, "{}");
                                    ReplicaScript.serve(connection, IN_TIME, token);
                                    return;
                                }
                                connection.answer("200 OK" + ScriptedServer.MARK, "{}");
                                connection.readAnyHead();
                                connection.answer("401 Unauthorized", "who are you?");
                                connection.readAnyHead();
                                connection.answer("200 OK" + ScriptedServer.MARK, "{}");
                                connection.readAnyHead();
                                refuses.complete(null);
                                connection.answer("401 Unauthorized\r\n" + ReplicaScript.date(TOO_EARLY), "body");
                            }
                            ReplicaScript.serve(connection, TOO_EARLY);
                        },
                        draft -> draft.nanoTime(now::get))
                .usingPartly(token);
        assertThat(caller.get(SERVICE, "").readAnswer()).endsWith("who are you?");

        // When
        String answer = caller.get(SERVICE, "").readAnswer();

        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
    }

    /** The server closes the connection, so no proof can show whose 401 it is. */
    @ParameterizedTest
    @CsvSource({"GET, 2", "POST, 1"})
    void a401OfUnknownOriginIsSentAgainOnceIfThatIsSafe(String method, int times) throws IOException {
        start(connection -> {
                    String head = connection.readHead();
                    connection.read(head.startsWith("POST") ? 5 : 0);
                    connection.answer("401 Unauthorized\r\nConnection: close", "who?");
                })
                .using(token);

        // When
        caller.send(method + " " + SERVICE + " HTTP/1.1\r\nHost: localhost\r\n"
                + (times == 1 ? "Content-Length: 5\r\n\r\nhello" : "\r\n"));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 401 ").endsWith("who?");
        assertThat(sentTo(SERVICE)).hasSize(times);
    }

    /**
     * Returns connections that accept a proof, and then refuse. The first {@code unmarked} have no mark. The others
     * refuse {@code refused} requests in all, and accept the next.
     */
    private static ScriptedServer.Script refusingAfterAProof(int unmarked, int refused) {
        AtomicLong left = new AtomicLong(refused);
        return connection -> {
            boolean marks = connection.number() >= unmarked;
            String head = connection.readAnyHead();
            while (ScriptedServer.isProof(head)) {
                connection.answer("201 Created" + (marks ? ScriptedServer.MARK : ""), "{}");
                head = connection.readAnyHead();
            }
            connection.readBody(head);
            if (marks && left.getAndDecrement() <= 0) {
                connection.answer("200 OK" + ScriptedServer.MARK, "body");
            } else if (!head.isEmpty()) {
                connection.answer("401 Unauthorized", "body");
                ReplicaScript.serve(connection, IN_TIME);
            }
        };
    }

    private static String request(String method) {
        String body = method.equals("POST") ? "hello" : "";
        return method + " " + GROUP + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body;
    }

    /** The API server's own 401s do not count as 401s of unknown origin, and the reverse. */
    @ParameterizedTest
    @CsvSource({"0, 16, 200", "0, 17, 401", "1, 15, 200", "1, 16, 200", "1, 17, 401"})
    void aPostIsSentAgain16TimesAfterCertainRefusals(int unknown, int certain, int status) throws IOException {
        start(refusingAfterAProof(unknown, certain), draft -> draft.nanoTime(now::get))
                .usingPartly(token);

        // When
        caller.send(request("POST"));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 " + status + " ");
        assertThat(sentTo(GROUP)).hasSize(unknown + certain + (status == 200 ? 1 : 0));
    }

    @ParameterizedTest
    @CsvSource({"GET, 17", "POST, 2"})
    void refusalsOfUnknownOriginHaveALimit(String method, int times) throws IOException {
        start(refusingAfterAProof(Integer.MAX_VALUE, 0), draft -> draft.nanoTime(now::get))
                .usingPartly(token);

        // When
        caller.send(request(method));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 401 ");
        assertThat(sentTo(GROUP)).hasSize(times);
    }

    @Test
    void aRefusalOfUnknownOriginIsNotTheSecondAfterACertainOne() throws IOException {
        // Given a replica that accepts, and then refuses. Other connections end after a proof, so the next carries the
        // request unproven, and refuses it.
        AtomicBoolean refused = new AtomicBoolean();
        start(
                        connection -> {
                            String head = connection.readAnyHead();
                            boolean proof = ScriptedServer.isProof(head);
                            connection.readBody(head);
                            if (connection.number() == 0) {
                                connection.answer("200 OK" + ScriptedServer.MARK, "{}");
                                ReplicaScript.serve(connection, IN_TIME);
                            } else if (proof ? refused.get() : refused.getAndSet(true)) {
                                connection.answer("200 OK" + ScriptedServer.MARK, "{}");
                                ReplicaScript.serve(connection, IN_TIME, token);
                            } else if (proof) {
                                connection.answer("200 OK\r\nConnection: close" + ScriptedServer.MARK, "{}");
                            } else {
                                connection.answer("401 Unauthorized", "body");
                                ReplicaScript.serve(connection, IN_TIME);
                            }
                        },
                        draft -> draft.nanoTime(now::get))
                .usingPartly(token);

        // When
        caller.send(request("POST"));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
        assertThat(sentTo(GROUP)).hasSize(3);
    }

    @Test
    void aShutdownPassesAKept401AndDoesNotReuseItsConnection() throws IOException {
        // Given a kept 401 whose proof is not answered, and a request that waits for the only connection
        start(
                        connection -> {
                            connection.readHead();
                            connection.answer("401 Unauthorized", "who?");
                            connection.readAnyHead();
                            connection.awaitRelease();
                        },
                        draft -> draft.capacity(10, 1))
                .usingPartly(token);
        RawCaller waiting = call();
        caller.get(SERVICE, "");
        await().until(() -> server.proofs().size() == 2);
        waiting.get(GROUP, "");
        await().until(() -> proxy.counters().requests() == 2);

        // When
        proxy.drain(HangDetector.TIMEOUT);

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 401 ").endsWith("who?");
        assertThat(waiting.readAnswer()).startsWith("HTTP/1.1 503 ");
    }

    @Test
    void a401OfABackendThatIsLongReachesTheCallerUnproven() throws IOException {
        String page = "who?".repeat(2_000);
        start(connection -> {
                    connection.readHead();
                    connection.answer("401 Unauthorized", page);
                    connection.awaitRelease();
                })
                .using(token);

        // When
        String answer = caller.get(SERVICE, "").readAnswer();

        // Then
        assertThat(answer).startsWith("HTTP/1.1 401 ").endsWith(page);
        assertThat(server.proofs()).hasSize(1);
    }
}
