package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.guardian.World;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** All outputs agree about a clock's warning while the clock's offset is close to the limit. */
class ClockNearLimitTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    /** How long a clock that has become wrong again must be right before it is reported as right. */
    private static final Duration SETTLED = Duration.ofMinutes(30);

    private static final String AGAIN =
            " It was right in the last 30 min: perhaps several replicas with the same certificate respond in turn. It"
                    + " is reported as right again after it has been right for 30 min.";

    private final SimulatedTime time = new SimulatedTime(NOON);

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    private final StatusLog statusLog = new StatusLog(time.timeline());
    private final StatusReport report = StatusReports.of(time.timeline(), statusLog);

    @Test
    void allOutputsAgreeWithTheLogWhileTheClockIsNearTheLimit() {
        for (int aheadMillis : List.of(-30_400, -30_600, -30_400, -29_000, -30_600, -28_600, -30_500)) {
            TokenStatus tokenStatus = accepted(aheadMillis);
            statusLog.acceptClocks(tokenStatus);
            boolean called = isCalledOff();

            assertThat(report.of(tokenStatus).getJsonArray("warnings"))
                    .as("%d", aheadMillis)
                    .hasSize(called ? 1 : 0);
            assertThat(Explanation.clocksOff(tokenStatus, statusLog.clocksOff()))
                    .as("%d", aheadMillis)
                    .hasSize(called ? 1 : 0);
            assertThat(new CheckSvg(time.timeline()).of(tokenStatus, statusLog.clocksOff()))
                    .as("%d", aheadMillis)
                    .matches(picture -> picture.contains("a clock is off") == called, "agrees");
        }
        assertThat(log.lines()).hasSize(1);
    }

    private boolean isCalledOff() {
        List<String> lines = log.lines();
        return !lines.isEmpty() && lines.get(lines.size() - 1).contains("clock=off");
    }

    @Test
    void aClockThatIsSoonWrongAgainIsRightOnlyAfterItHasSettled() {
        tell(-75_000);
        tell(0);
        time.advance(SETTLED.minusNanos(1));
        tell(-75_000);

        for (int i = 0; i < 100; i++) {
            time.advance(Duration.ofMinutes(1));
            tell(i % 2 == 0 ? 0 : -75_000);
        }
        assertThat(log.lines()).hasSize(3).last().asString().endsWith(AGAIN);

        time.advance(SETTLED.minusNanos(1));
        tell(0);
        assertThat(log.lines()).hasSize(3);

        time.advance(Duration.ofNanos(1));
        tell(0);
        assertThat(log.lines()).hasSize(4).last().asString().endsWith("cp-2's clock is right again.");
    }

    @Test
    void aClockThatIsWrongAgainMuchLaterIsReportedRightAtOnce() {
        tell(-75_000);
        tell(0);
        time.advance(SETTLED);
        tell(-75_000);
        tell(0);

        assertThat(log.lines()).hasSize(4).noneMatch(line -> line.endsWith(AGAIN));
    }

    @Test
    void theStatusShowsTheCurrentClockWhileTheLogWaits() {
        tell(-75_000);
        tell(0);
        tell(-75_000);
        tell(0);

        assertThat(report.of(accepted(0)).getJsonArray("warnings")).isEmpty();
        assertThat(statusLog.clocksOff()).containsExactly("cp-2");
    }

    /** The same observations could come from a single replica whose clock is set repeatedly. */
    @Test
    void replicasThatShareACertificateCauseAFewLinesPerDay() {
        World world = World.of(new Replica("one", Duration.ZERO), new Replica("one", Duration.ofSeconds(-75)));
        world.onTokenStatus(statusLog::acceptClocks);
        world.read(TestTokens.issuedAt(World.NOON.minus(Duration.ofHours(1)))
                        .expiresAt(World.NOON.plus(Duration.ofHours(48)))
                        .token())
                .runUntilAccepted();

        world.runFor(Duration.ofHours(24));

        assertThat(log.lines()).hasSizeBetween(1, 8);
    }

    private void tell(int aheadMillis) {
        statusLog.acceptClocks(accepted(aheadMillis));
    }

    private TokenStatus accepted(int aheadMillis) {
        Instant now = time.timeline().instant();
        return TokenStatuses.with(
                TokenStatuses.of(
                        now,
                        new Verdict.Accepted(NOON, TokenStatuses.USER),
                        TestTokens.issuedAt(NOON).token()),
                TokenStatuses.named("cp-1", now, Duration.ZERO),
                TokenStatuses.named("cp-2", now, Duration.ofMillis(aheadMillis)));
    }
}
