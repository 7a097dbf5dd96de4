package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WaitAdvisorTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration STANDS = Duration.ofSeconds(10);
    private static final Duration HOLD = Duration.ofMinutes(3);
    private static final Verdict REFUSED = new Verdict.Refused(TokenStatuses.ADDRESS, null);

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final WaitAdvisor waitAdvisor = new WaitAdvisor(
            STANDS,
            time.timeline(),
            (status, now) -> "why not: " + status.verdict().word());
    private final Token token = TestTokens.issuedAt(NOON).token();
    private final AtomicInteger changes = new AtomicInteger();

    private void publish(Verdict verdict) {
        waitAdvisor.accept(TokenStatuses.of(time.now(), verdict, token));
    }

    private static Verdict notYet(Instant after) {
        return new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, NOON, after, after.plusMillis(20), null);
    }

    @Test
    void waitingMayHelpWhileNothingIsKnown() {
        assertThat(waitAdvisor.hopelessToken(HOLD)).isNull();
        assertThat(waitAdvisor.explanation()).isEmpty();
    }

    @Test
    void aRefusalThatLastsIsHopeless() {
        publish(REFUSED);
        time.advance(STANDS.minusNanos(1));
        assertThat(waitAdvisor.hopelessToken(HOLD)).isNull();

        time.advance(Duration.ofNanos(1));

        assertThat(waitAdvisor.hopelessToken(HOLD)).isEqualTo(token);
        assertThat(waitAdvisor.untilRefusalIsFinal()).contains(Duration.ZERO);
        assertThat(waitAdvisor.explanation()).contains("why not: refused");
    }

    @Test
    void anExpiryThatFollowsALastingRefusalIsHopeless() {
        publish(REFUSED);
        time.advance(STANDS);
        publishExpiredSinceNoon();

        assertThat(waitAdvisor.hopelessToken(HOLD)).isEqualTo(token);
    }

    private void publishExpiredSinceNoon() {
        Verdict expired = new Verdict.Expired(TokenStatuses.ADDRESS, null, NOON);
        waitAdvisor.accept(TokenStatuses.refusedSince(TokenStatuses.of(time.now(), expired, token), NOON));
    }

    @Test
    void aDecisiveVerdictIsReportedOnce() {
        waitAdvisor.onChange(changes::incrementAndGet);
        publish(REFUSED);
        time.advance(Duration.ofSeconds(1));
        waitAdvisor.accept(TokenStatuses.refusedSince(TokenStatuses.of(time.now(), REFUSED, token), NOON));

        assertThat(changes).hasValue(1);
    }

    @Test
    void aChangedAcceptanceTimeIsReported() {
        publish(notYet(NOON.plusSeconds(120)));
        waitAdvisor.onChange(changes::incrementAndGet);
        publish(notYet(NOON.plusSeconds(119)));

        assertThat(changes).hasValue(1);
    }

    @Test
    void theLossOfTheLastAcceptanceIsAChange() {
        publish(new Verdict.Expired(TokenStatuses.ADDRESS, null, NOON));
        waitAdvisor.accept(TokenStatuses.usable(
                TokenStatuses.of(time.now(), new Verdict.Expired(TokenStatuses.ADDRESS, null, NOON), token), token));
        time.advance(Duration.ofMinutes(5));
        waitAdvisor.onChange(changes::incrementAndGet);

        publishExpiredSinceNoon();

        assertThat(waitAdvisor.hopelessToken(HOLD)).isEqualTo(token);
        assertThat(changes).hasValue(1);
    }
}
