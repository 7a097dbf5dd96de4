package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Which requests count as saved: they would have got 401 without the proxy. */
class SavedRequestsTest extends ScriptedProxyTest {
    private static final String EARLY = "401 Unauthorized\r\nDate: Wed, 31 Dec 2025 23:00:00 GMT";
    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    /** How many of the next requests get {@link #refusal}. */
    private final AtomicInteger refusals = new AtomicInteger();

    private volatile String refusal = EARLY;

    private RunningProxy start(AuthorizationPolicy policy) throws IOException {
        return start(
                connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.answer(refusals.getAndDecrement() > 0 ? refusal : "200 OK", "body");
                    }
                },
                draft -> draft.authorization(policy));
    }

    private RunningProxy start() throws IOException {
        return start(AuthorizationPolicy.REPLACE);
    }

    private String get(String headers) throws IOException {
        return caller.get("/", headers).readAnswer();
    }

    private ProxyCounters.Saved saved() {
        return proxy.counters().saved();
    }

    @Test
    void aRetryAfterA401OfASlowReplicaCountsAsSavedFromAClock() throws IOException {
        refusals.set(1);
        start().using(TOKEN);
        assertThat(get("")).startsWith("HTTP/1.1 200 ");

        assertThat(saved().clock()).isEqualTo(1);
        assertThat(saved().all()).isEqualTo(1);
    }

    @Test
    void severalRetriesOfARequestAreCountedOnce() throws IOException {
        refusals.set(3);
        start().using(TOKEN);
        assertThat(get("")).startsWith("HTTP/1.1 200 ");

        assertThat(saved().all()).isEqualTo(1);
    }

    @Test
    void aRequestWhoseCallerGetsThe401IsNotSaved() throws IOException {
        refusal = "401 Unauthorized\r\nDate: Thu, 01 Jan 2026 00:10:00 GMT";
        refusals.set(1_000);
        start().using(TOKEN);
        assertThat(get("")).startsWith("HTTP/1.1 401 ");

        assertThat(saved().all()).isZero();
    }

    @Test
    void aRequestThatWaitsForAnUnknownTokenIsNotSaved() throws IOException {
        start();
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
        proxy.using(TOKEN);
        caller.readAnswer();

        assertThat(saved().all()).isZero();
        assertThat(saved().longestHold()).isPositive();
    }

    @Test
    void anEndedTokenOfThePodCountsAsSavedFromARotation() throws IOException {
        Instant now = Instant.now();
        Token newest = Tokens.issuedAt(now.minus(Duration.ofMinutes(1)));
        Token old = Tokens.issuedAt(now.minus(Duration.ofHours(2)));
        Token foreign = Tokens.issuedAt(now.minus(Duration.ofHours(3)));
        refusals.set(1);
        start().using(newest);
        StaleCallers callers = proxy.proxy().staleCallers();
        callers.accept(TokenStatuses.of(now, new Verdict.Accepted(now, null), newest));

        get("User-Agent: app\r\nAuthorization: Bearer " + old.bearer() + "\r\n");
        get("User-Agent: other\r\nAuthorization: Bearer x" + foreign.bearer() + "\r\n");

        // A rotation is the cause even if a clock was off too: every replica would have sent the 401.
        assertThat(saved().rotation()).isEqualTo(1);
        assertThat(saved().all()).isEqualTo(1);
    }

    @Test
    void aWaitCountsAsSavedFromAClockEvenIfTheClockIsKnownLater() throws IOException {
        Instant now = Instant.now();
        Instant from = now.plusSeconds(30);
        Verdict early = new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, from, from, from, null);
        start();
        RawCaller second = call();
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
        proxy.knowing(early, TOKEN, now);
        second.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 2); // so the first request has also been rechecked
        proxy.using(TOKEN);
        caller.readAnswer();
        second.readAnswer();

        assertThat(saved().clock()).isEqualTo(2);
        assertThat(saved().all()).isEqualTo(2);
    }

    @Test
    void aCallerWhoseOwnTokenIsPassedOnIsNotSaved() throws IOException {
        Instant now = Instant.now();
        Token old = Tokens.issuedAt(now.minus(Duration.ofHours(2)));
        Token newest = Tokens.issuedAt(now.minus(Duration.ofMinutes(1)));
        start(AuthorizationPolicy.KEEP).using(newest);
        proxy.proxy().staleCallers().accept(TokenStatuses.of(now, new Verdict.Accepted(now, null), newest));

        get("Authorization: Bearer " + old.bearer() + "\r\n");

        assertThat(saved().all()).isZero();
    }
}
