package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** If waiting can't help a request, its caller gets the API server's own response. */
@Timeout(300)
class HopelessWaitTest extends ScriptedProxyTest {
    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));
    private static final String ADDRESS = "10.96.0.1:443";
    private static final Verdict REFUSED = new Verdict.Refused(ADDRESS, null);
    private static final String INSIDE = "Thu, 01 Jan 2026 00:30:00 GMT";
    private static final String TOO_EARLY = "Wed, 31 Dec 2025 23:00:00 GMT";

    private final Instant now = Instant.now();

    /** Returns a server that refuses requests as the API server does, with this date. */
    private static ScriptedServer.Script refusing(String date) {
        return ScriptedServer.always("401 Unauthorized\r\nDate: " + date, "the API server's own");
    }

    private Verdict acceptableIn(Duration time) {
        return new Verdict.NotYetValid(ADDRESS, null, now, now.plus(time), now.plus(time), null);
    }

    private void startAcceptableIn(Duration time) throws IOException {
        start(refusing(TOO_EARLY)).knowing(acceptableIn(time), TOKEN, now);
    }

    private void startRefused() throws IOException {
        start(refusing(INSIDE)).knowing(REFUSED, TOKEN, now.minusSeconds(60));
    }

    private void assertPassedOn(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 401 ").endsWith("the API server's own");
        assertThat(server.requests())
                .allSatisfy(head ->
                        assertThat(head).containsIgnoringCase("authorization: Bearer " + TOKEN.bearer() + "\r\n"));
    }

    @Test
    void aPermanentlyRefusedTokenIsSent() throws IOException {
        startRefused();
        assertPassedOn(caller.get("/", "").readAnswer());
        assertThat(server.requests()).hasSize(1);
        assertThat(server.proofs()).isEmpty();
        assertThat(proxy.counters().held()).isZero();
    }

    @Test
    void aNewRefusalIsPassedOnAfterItHasLasted() throws IOException {
        start(refusing(INSIDE)).knowing(REFUSED, TOKEN, Instant.now());
        assertPassedOn(caller.get("/", "").readAnswer());
    }

    @Test
    void aHeldCallerGetsAResponseWhenWaitingCantHelp() throws IOException {
        // Given
        startAcceptableIn(Duration.ofMinutes(1));
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);

        // When
        proxy.knowing(acceptableIn(Duration.ofHours(1)), TOKEN, now);

        // Then
        assertPassedOn(caller.readAnswer());
    }

    @Test
    void aTokenAcceptableAfterTheHoldIsSentAndItsRefusalPasses() throws IOException {
        startAcceptableIn(Duration.ofHours(1));
        assertPassedOn(caller.get("/", "").readAnswer());
        assertPassedOn(caller.get("/", "").readAnswer());
    }

    @Test
    void aTokenThatMayBeAcceptableWithinTheHoldIsAwaited() throws IOException {
        startAcceptableIn(Duration.ofMinutes(1));
        caller.get("/", "");

        await().until(() -> proxy.counters().heldNow() == 1);
        assertThat(server.connections()).isZero();
    }

    @Test
    void aVerdictThatGivesHopeHoldsRequestsAgain() throws IOException {
        // Given
        startRefused();
        caller.get("/", "").readAnswer();

        // When
        proxy.knowing(acceptableIn(Duration.ofMinutes(1)), TOKEN, now);

        // Then
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
    }

    @Test
    void theEndOfAHoldReportsTheGuardiansExplanation() throws IOException {
        start(refusing(INSIDE), draft -> draft.holdTimeout(Duration.ofMillis(50)))
                .knowing(new Verdict.Unreachable("no connection to " + ADDRESS), TOKEN, now);
        assertThat(caller.get("/", "").readAnswer())
                .startsWith("HTTP/1.1 503 ")
                .contains("the pod's token was not accepted in time: No connection to 10.96.0.1:443.");
    }
}
