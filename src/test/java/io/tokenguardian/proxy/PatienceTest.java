package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.replica.Search;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short wait for a connection in use, while some replicas refuse the token. */
class PatienceTest extends ScriptedProxyTest {

    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant IN_TIME = ISSUED.plusSeconds(10);
    private static final Instant TOO_EARLY = ISSUED.minusSeconds(600);

    private final Token token = Tokens.issuedAt(ISSUED);

    @ParameterizedTest
    @ValueSource(ints = {0, 180})
    void aShortWaitEndsWithANewConnection(int holdSeconds) throws IOException {
        // Given
        start(
                        connection -> {
                            for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
                                if (head.startsWith("GET /slow")) {
                                    connection.awaitRelease();
                                }
                                connection.answer("200 OK\r\n" + ReplicaScript.date(IN_TIME), "body");
                            }
                        },
                        draft -> draft.holdTimeout(Duration.ofSeconds(holdSeconds)))
                .usingPartly(token);
        RawCaller two = call();
        assertThat(caller.get("/version", "").readAnswer()).startsWith("HTTP/1.1 200 ");
        caller.get("/slow", "");
        await().until(() -> server.requests().size() == 2);

        // When
        String answer = two.get("/version", "").readAnswer();

        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void watchesWithTheCallersOwnCredentialAreNotASearch() throws IOException {
        // Given as many watches as a search opens connections, and a refusing replica on the next connection
        int watches = Search.SIDE_BY_SIDE;
        start(
                        connection -> {
                            if (connection.number() < watches) {
                                connection.readHead();
                                connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n");
                                connection.awaitRelease();
                            } else if (connection.number() == watches) {
                                ReplicaScript.serve(connection, TOO_EARLY);
                            } else {
                                ReplicaScript.serve(connection, IN_TIME, token);
                            }
                        },
                        draft -> draft.authorization(AuthorizationPolicy.KEEP))
                .usingPartly(token);
        for (int i = 0; i < watches; i++) {
            assertThat(call().get("/watch", "Authorization: Bearer own\r\n").readHead())
                    .startsWith("HTTP/1.1 200 ");
        }

        // When
        String answer = caller.get("/version", "").readAnswer();

        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
    }
}
