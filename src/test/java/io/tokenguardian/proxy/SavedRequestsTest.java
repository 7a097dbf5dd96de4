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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Which requests count as saved: they would have got 401 without the proxy. */
class SavedRequestsTest {
    private static final String EARLY = "401 Unauthorized\r\nDate: Wed, 31 Dec 2025 23:00:00 GMT";
    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    /** How many of the next requests get {@link #refusal}. */
    private final AtomicInteger refusals = new AtomicInteger();

    private volatile String refusal = EARLY;

    @AutoClose
    private final ScriptedServer server = new ScriptedServer(connection -> {
        while (!connection.readHead().isEmpty()) {
            connection.answer(refusals.getAndDecrement() > 0 ? refusal : "200 OK", "body");
        }
    });

    SavedRequestsTest() throws IOException {}

    private static String get(RunningProxy proxy, String headers) throws IOException {
        try (RawCaller caller = proxy.call()) {
            return caller.get("/", headers).readAnswer();
        }
    }

    private ProxyCounters.Saved saved(RunningProxy proxy) {
        return proxy.counters().saved();
    }

    @Test
    void aRetryAfterA401OfASlowReplicaCountsAsSavedFromAClock() throws IOException {
        refusals.set(1);
        try (RunningProxy proxy = RunningProxy.before(server).using(TOKEN)) {
            assertThat(get(proxy, "")).startsWith("HTTP/1.1 200 ");

            assertThat(saved(proxy).clock()).isEqualTo(1);
            assertThat(saved(proxy).all()).isEqualTo(1);
        }
    }

    @Test
    void severalRetriesOfARequestAreCountedOnce() throws IOException {
        refusals.set(3);
        try (RunningProxy proxy = RunningProxy.before(server).using(TOKEN)) {
            assertThat(get(proxy, "")).startsWith("HTTP/1.1 200 ");

            assertThat(saved(proxy).all()).isEqualTo(1);
        }
    }

    @Test
    void aRequestWhoseCallerGetsThe401IsNotSaved() throws IOException {
        refusal = "401 Unauthorized\r\nDate: Thu, 01 Jan 2026 00:10:00 GMT";
        refusals.set(1_000);
        try (RunningProxy proxy = RunningProxy.before(server).using(TOKEN)) {
            assertThat(get(proxy, "")).startsWith("HTTP/1.1 401 ");

            assertThat(saved(proxy).all()).isZero();
        }
    }

    @Test
    void aRequestThatWaitsForAnUnknownTokenIsNotSaved() throws IOException {
        try (RunningProxy proxy = RunningProxy.before(server);
                RawCaller caller = proxy.call()) {
            caller.get("/", "");
            await().until(() -> proxy.counters().heldNow() == 1);
            proxy.using(TOKEN);
            caller.readAnswer();

            assertThat(saved(proxy).all()).isZero();
            assertThat(saved(proxy).longestHold()).isPositive();
        }
    }

    @Test
    void anEndedTokenOfThePodCountsAsSavedFromARotation() throws IOException {
        Instant now = Instant.now();
        Token newest = Tokens.issuedAt(now.minus(Duration.ofMinutes(1)));
        Token old = Tokens.issuedAt(now.minus(Duration.ofHours(2)));
        Token foreign = Tokens.issuedAt(now.minus(Duration.ofHours(3)));
        refusals.set(1);
        try (RunningProxy proxy = RunningProxy.before(server).using(newest)) {
            StaleCallers callers = proxy.proxy().staleCallers();
            callers.accept(TokenStatuses.of(now, new Verdict.Accepted(now, null), newest));

            get(proxy, "User-Agent: app\r\nAuthorization: Bearer " + old.bearer() + "\r\n");
            get(proxy, "User-Agent: other\r\nAuthorization: Bearer x" + foreign.bearer() + "\r\n");

            // A rotation is the cause even if a clock was off too: every replica would have sent the 401.
            assertThat(saved(proxy).rotation()).isEqualTo(1);
            assertThat(saved(proxy).all()).isEqualTo(1);
        }
    }

    @Test
    void aWaitCountsAsSavedFromAClockEvenIfTheClockIsKnownLater() throws IOException {
        Instant now = Instant.now();
        Instant from = now.plusSeconds(30);
        Verdict early = new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, from, from, from, null);
        try (RunningProxy proxy = RunningProxy.before(server);
                RawCaller first = proxy.call();
                RawCaller second = proxy.call()) {
            first.get("/", "");
            await().until(() -> proxy.counters().heldNow() == 1);
            proxy.knowing(early, TOKEN, now);
            second.get("/", "");
            await().until(() -> proxy.counters().heldNow() == 2); // so the first request has also been rechecked
            proxy.using(TOKEN);
            first.readAnswer();
            second.readAnswer();

            assertThat(saved(proxy).clock()).isEqualTo(2);
            assertThat(saved(proxy).all()).isEqualTo(2);
        }
    }

    @Test
    void aCallerWhoseOwnTokenIsPassedOnIsNotSaved() throws IOException {
        Instant now = Instant.now();
        Token old = Tokens.issuedAt(now.minus(Duration.ofHours(2)));
        Token newest = Tokens.issuedAt(now.minus(Duration.ofMinutes(1)));
        try (RunningProxy proxy = RunningProxy.before(server, draft -> draft.authorization(AuthorizationPolicy.KEEP))
                .using(newest)) {
            proxy.proxy().staleCallers().accept(TokenStatuses.of(now, new Verdict.Accepted(now, null), newest));

            get(proxy, "Authorization: Bearer " + old.bearer() + "\r\n");

            assertThat(saved(proxy).all()).isZero();
        }
    }
}
