package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When the proxy sends a proof to a replica before it sends a body that can't be sent twice. */
class ProofTest extends ScriptedProxyTest {

    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant IN_TIME = ISSUED.plusSeconds(10);
    private static final Instant TOO_EARLY = ISSUED.minusSeconds(600);
    private static final int REPLAY_LIMIT = 1_000;
    private static final String UNMARKED = "\r\n" + ReplicaScript.date(IN_TIME);
    private static final String MARKED = ScriptedServer.MARK + UNMARKED;
    private static final String LAST = "\r\nConnection: close";

    private final Token token = Tokens.issuedAt(ISSUED);

    private RunningProxy before(ScriptedServer.Script script) throws IOException {
        return start(script, draft -> draft.replayLimit(REPLAY_LIMIT));
    }

    /** Starts a proxy whose clock stands still, so it opens no other connection beside a slow one. */
    private RunningProxy atOneTime(ScriptedServer.Script script) throws IOException {
        return start(script, draft -> draft.replayLimit(REPLAY_LIMIT).nanoTime(() -> 0));
    }

    private static String post(int length) {
        return "POST /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n" + "x".repeat(length);
    }

    @Test
    void aReplicaThatAcceptedTheOldTokenNeedsAProofForTheNewToken() throws IOException {
        // Given a replica that accepts only the old token, and another that accepts the new token
        Token old = Tokens.issuedAt(ISSUED.minusSeconds(900));
        before(connection -> {
                    boolean first = connection.number() == 0;
                    ReplicaScript.serve(connection, first ? TOO_EARLY : IN_TIME, first ? old : token);
                })
                .usingPartly(old);
        assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
        proxy.usingPartly(token, old);

        // When
        caller.send(post(100 * REPLAY_LIMIT));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"429 Too Many Requests", "503 Service Unavailable"})
    void aStatusThatALoadBalancerMaySendIsNotAProof(String status) throws IOException {
        // Given a connection whose first response has this status, after which its replica refuses the token
        before(connection -> {
                    boolean slow = connection.number() == 0;
                    if (slow) {
                        for (int i = 0; i < 2; i++) { // to the proof and to the request
                            connection.readAnyHead();
                            connection.answer(status + "\r\n" + ReplicaScript.date(TOO_EARLY), "body");
                        }
                    }
                    ReplicaScript.serve(
                            connection, slow ? TOO_EARLY : IN_TIME, slow ? new Token[0] : new Token[] {token});
                })
                .usingPartly(token);
        assertThat(caller.get("/api", "").readAnswer()).startsWith("HTTP/1.1 " + status);

        // When
        caller.send(post(100 * REPLAY_LIMIT));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void anUnprovenRequestHasATokenThatItsReplicaHasNotRefused() throws IOException {
        // Given replicas that refuse the new token, and respond to the proof of the old token with a 503
        Token old = Tokens.issuedAt(ISSUED.minusSeconds(900));
        before(connection -> {
                    connection.readAnyHead();
                    connection.answer("401 Unauthorized\r\n" + ReplicaScript.date(TOO_EARLY), "body");
                    connection.readAnyHead();
                    connection.answer("503 Service Unavailable\r\n" + ReplicaScript.date(TOO_EARLY), "body");
                    ReplicaScript.serve(connection, TOO_EARLY, old);
                })
                .usingPartly(token, old);

        // When
        assertThat(caller.get("/api", "").readAnswer()).startsWith("HTTP/1.1 200 ");

        // Then
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void theGuardianGetsAReportOfA401ToABodyThatCantBeSentAgain() throws IOException {
        // Given a replica that accepts the token, and then refuses it
        before(connection -> {
                    connection.readHead();
                    connection.answer("200 OK\r\n" + ReplicaScript.date(IN_TIME), "body");
                    connection.readHead();
                    connection.read(100 * REPLAY_LIMIT);
                    connection.answer("401 Unauthorized\r\n" + ReplicaScript.date(IN_TIME), "body");
                })
                .usingPartly(token);
        assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");

        // When
        caller.send(post(100 * REPLAY_LIMIT));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 401 ");
        assertThat(proxy.observer.refusals).containsExactly(Finding.REFUSED);
    }

    @ParameterizedTest
    @CsvSource({"1, 200", "2, 200", "8, 200", "1000, 502"})
    void aProofIsSentAgainIfItsNewConnectionCloses(int closing, int status) throws IOException {
        // Given
        start(connection -> {
                    if (connection.number() < closing) {
                        connection.readAnyHead();
                        connection.close();
                    }
                    ReplicaScript.serve(connection, IN_TIME, token);
                })
                .using(token);

        // When
        caller.get("/apis/metrics.k8s.io/v1beta1/nodes", "");

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 " + status + " ");
        assertThat(server.connections()).isBetween(Math.min(closing + 1, 4), Math.min(closing + 1, 20));
    }

    @Test
    void aServerThatClosesEachConnectionGetsOneProof() throws IOException {
        // Given
        before(connection -> {
                    String head = connection.readAnyHead();
                    connection.read(head.startsWith("POST") ? 100 * REPLAY_LIMIT : 0);
                    connection.answer("200 OK\r\nConnection: close\r\n" + ReplicaScript.date(IN_TIME), "body");
                })
                .usingPartly(token);

        // When
        caller.send(post(100 * REPLAY_LIMIT));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
        assertThat(server.requests()).hasSize(1);
        assertThat(server.proofs()).hasSize(1);
    }

    @Test
    void aGatewaysResponseToGetVersionProvesNothing() throws IOException {
        // Given a gateway that responds to GET /version itself, in front of two replicas of which the first refuses
        before(connection -> {
                    if (connection.number() == 0) {
                        connection.readAnyHead();
                        connection.answer("200 OK\r\n" + ReplicaScript.date(IN_TIME), "{}");
                        ReplicaScript.serve(connection, TOO_EARLY);
                    }
                    ReplicaScript.serve(connection, IN_TIME, token);
                })
                .usingPartly(token);

        // When
        caller.send(post(100 * REPLAY_LIMIT));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
    }

    /** Responds in turn to the requests over one connection, of which most are proofs. */
    private static void respond(ScriptedServer.Connection connection, String... heads) throws IOException {
        for (String head : heads) {
            connection.readAnyHead();
            connection.answer(head, "body");
        }
    }

    private static List<String> methods(List<String> heads) {
        return heads.stream().map(head -> head.split(" ", 2)[0]).toList();
    }

    /** The page of a gateway comes before the first response with the mark, or after it. */
    @ParameterizedTest
    @CsvSource({"0, 'GET,POST,POST,GET'", "1, 'GET,GET,POST,GET'"})
    void aMarkedResponseEndsTheProofsByReview(int gateway, String proofs) throws IOException {
        // Given a server whose mark is seen over one connection, and a gateway's maintenance page over another
        atOneTime(connection -> {
                    if (connection.number() == gateway) {
                        respond(connection, "200 OK" + UNMARKED, "503 No" + UNMARKED, "503 No" + LAST + UNMARKED);
                    } else {
                        respond(connection, "200 OK" + MARKED, "200 OK" + LAST + MARKED);
                    }
                })
                .usingPartly(token);
        caller.get("/api", "").readAnswer();
        caller.get("/api", "").readAnswer();

        // When
        caller.get("/api", "").readAnswer();

        // Then
        assertThat(methods(server.proofs())).containsExactly(proofs.split(","));
    }

    @ParameterizedTest
    @ValueSource(strings = {"200 OK", "403 Forbidden", "404 Not Found"})
    void aGatewaysResponseToAReviewProvesNothingIfTheServerMarks(String status) throws IOException {
        // Given a connection with the mark, and one over which a gateway responds at first, and then a replica refuses
        atOneTime(connection -> {
                    switch (connection.number()) {
                        case 0 -> respond(connection, "200 OK" + MARKED, "200 OK" + LAST + MARKED);
                        case 1 -> {
                            respond(connection, "200 OK" + UNMARKED, status + UNMARKED, "403 Forbidden" + UNMARKED);
                            ReplicaScript.serve(connection, TOO_EARLY);
                        }
                        default -> ReplicaScript.serve(connection, IN_TIME, token);
                    }
                })
                .usingPartly(token);
        caller.get("/api", "").readAnswer();
        assertThat(caller.get("/api", "").readAnswer()).startsWith("HTTP/1.1 403 ");

        // When
        caller.send(post(100 * REPLAY_LIMIT));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
    }

    /** Only some API servers mark their responses while a setting is being changed. */
    @Test
    void aReviewIsAProofWithoutTheMarkOfOtherReplicas() throws IOException {
        // Given
        atOneTime(connection -> {
                    if (connection.number() == 0) {
                        respond(connection, "200 OK" + MARKED, "200 OK" + LAST + MARKED);
                    } else {
                        String page = "403 Forbidden" + UNMARKED;
                        respond(connection, "200 OK" + UNMARKED, "201 Created" + UNMARKED, page, page, page);
                    }
                })
                .usingPartly(token);
        caller.get("/api", "").readAnswer();

        // When
        caller.get("/api", "").readAnswer();
        caller.get("/api", "").readAnswer();

        // Then
        assertThat(methods(server.proofs())).containsExactly("GET", "GET", "POST");
    }

    /** Servers before 1.28 have no reviews of this kind. */
    @ParameterizedTest
    @ValueSource(strings = {"403 Forbidden", "404 Not Found"})
    void anyResponseToAReviewIsAProofIfNothingIsMarked(String status) throws IOException {
        // Given
        atOneTime(connection -> {
                    String page = "403 Forbidden" + UNMARKED;
                    respond(connection, "200 OK" + UNMARKED, status + UNMARKED, page, page, page);
                })
                .usingPartly(token);

        // When
        caller.get("/api", "").readAnswer();
        caller.get("/api", "").readAnswer();

        // Then
        assertThat(methods(server.proofs())).containsExactly("GET", "POST");
    }

    @Test
    void aNewConnectionThatEndsBeforeTheResponseMakesTheNextWait() throws IOException {
        // Given
        atOneTime(ScriptedServer.Connection::readHead).using(token);

        // When
        caller.send(post(1));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 502 ");
        assertThat(proxy.pause()).isPositive();
    }

    @Test
    void aResponseEndsTheWaitAfterAConnectionThatEndedBeforeIt() throws IOException {
        // Given
        AtomicLong now = new AtomicLong();
        start(
                        connection -> {
                            connection.readHead();
                            if (connection.number() > 0) {
                                connection.answer("200 OK" + MARKED, "{}");
                            }
                        },
                        draft -> draft.nanoTime(now::get))
                .using(token);
        caller.send(post(1));
        caller.readAnswer();
        now.addAndGet(proxy.pause().toNanos());

        // When
        caller.send(post(1));

        // Then
        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
        assertThat(proxy.pause()).isZero();
    }
}
