package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.StatusLog;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which token is in use after a replica's clock is set back to before the rotated token's window. */
class ClockSetBackTest {
    private static final Instant SECOND = NOON.truncatedTo(ChronoUnit.SECONDS);

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    private final Replica replica = new Replica("replica", Duration.ZERO);
    private final World world = World.of(replica);
    private final Token before = TestTokens.issuedAt(SECOND).token();

    /** Accepted at second 290. */
    private final Token rotated = acceptableAfter(290);

    @BeforeEach
    void logChanges() {
        StatusLog statusLog = new StatusLog(world.time.timeline(), wakeAfter -> {});
        world.guardian.onChange(statusLog);
        world.guardian.onTokenStatus(statusLog::acceptHeld);
    }

    private static Token acceptableAfter(int seconds) {
        return TestTokens.issuedAt(SECOND.plusSeconds(60 + seconds)).token();
    }

    private static Instant at(int seconds) {
        return SECOND.plusSeconds(seconds);
    }

    private void runUntil(Instant instant) {
        world.runFor(Duration.between(world.time.now(), instant));
    }

    /** Rotates the token, then sets the clock back, so that the replica refuses the rotated token until second 560. */
    private void setBackAfterRotation() {
        world.read(before).runUntilAccepted();
        world.read(rotated);
        runUntil(at(545));
        assertThat(world.tokenSource.best()).isEqualTo(rotated);
        replica.offset = Duration.ofSeconds(-270);
    }

    /** A response to the proxy shows the clock. */
    private void hearDate() {
        Instant now = world.time.now();
        Instant date = replica.clock(now).truncatedTo(ChronoUnit.SECONDS);
        world.guardian.onAnswer(Answers.date(
                SimulatedApiServer.ADDRESS, replica.certificate, new Sample(now.minusMillis(1), now, date)));
    }

    @Test
    void aPreviousTokenIsInUseAgainUntilTheRotatedTokensWindow() {
        setBackAfterRotation();
        runUntil(at(548));
        assertThat(world.tokenSource.best()).isEqualTo(rotated);

        hearDate();
        runUntil(at(551));
        assertThat(world.tokenSource.best()).isEqualTo(before);
        assertThat(world.candidate()).isEqualTo(rotated);
        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
        assertThat(world.candidateVerdict()).isInstanceOf(Verdict.NotYetValid.class);

        runUntil(at(560));
        assertThat(world.tokenSource.best()).isEqualTo(before);

        runUntil(at(561).plusMillis(10));
        assertThat(world.tokenSource.best()).isEqualTo(rotated);
        assertThat(world.candidate()).isNull();
    }

    @Test
    void eachReturnToATokenIsLoggedAndNotCountedAsARotation() {
        setBackAfterRotation();

        hearDate();
        runUntil(at(570));

        assertThat(world.guardian.rotations()).isEqualTo(1);
        assertThat(log.lines().stream().map(line -> line.split(" issued=| The rotated", -1)[0]))
                .containsExactly(
                        "INFO verdict=accepted token=first",
                        "INFO candidate=not-yet-valid",
                        "INFO verdict=accepted token=rotated",
                        "INFO candidate=not-yet-valid",
                        "INFO verdict=accepted token=rotated",
                        "INFO verdict=accepted token=rotated");
    }

    @Test
    void aRefusedTokenGivesWayToThePreviousTokenUntilItIsAccepted() {
        setBackAfterRotation();

        world.guardian.onAnswer(Answers.refused(rotated, Finding.NOT_YET_VALID, false));
        runUntil(at(546));
        assertThat(world.tokenSource.best()).isEqualTo(before);
        assertThat(world.candidate()).isEqualTo(rotated);
        runUntil(at(562));

        assertThat(world.tokenSource.best()).isEqualTo(rotated);
        assertThat(world.candidate()).isNull();
        assertThat(world.guardian.rotations()).isEqualTo(1);
    }

    @Test
    void thePreviousTokenDoesNotHideADeletedAccount() {
        world.read(before).runUntilAccepted();
        world.read(rotated);
        runUntil(at(305));
        replica.instead = new ProbeOutcome.Unauthorized();

        world.runFor(Pace.BETWEEN_SAMPLES.multipliedBy(3).dividedBy(2)); // the longest pause before a sample

        assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);
        assertThat(world.current()).isEqualTo(rotated);
        assertThat(world.guardian.rotations()).isEqualTo(1);
    }

    @Test
    void theNewestPreviousTokenThatIsNotInDoubtIsInUse() {
        Token second = acceptableAfter(5);
        Token third = acceptableAfter(10);
        rotateThrough(before, second, third);
        replica.offset = Duration.ofSeconds(-8);

        world.read(acceptableAfter(300));

        runUntil(at(12));
        assertThat(world.tokenSource.best()).isEqualTo(before);
        runUntil(at(15));
        assertThat(world.tokenSource.best()).isEqualTo(second);
        runUntil(at(20));
        assertThat(world.tokenSource.best()).isEqualTo(third);
        assertThat(world.guardian.rotations()).isEqualTo(2);
    }

    @Test
    void aThirdPreviousTokenIsNotKept() {
        rotateThrough(before, acceptableAfter(3), acceptableAfter(6), acceptableAfter(9));
        Token newest = acceptableAfter(11);
        rotateThrough(newest);
        replica.offset = Duration.ofSeconds(-11);

        world.read(acceptableAfter(300)).runFor(Duration.ofSeconds(1));

        assertThat(world.tokenSource.best()).isEqualTo(newest);
    }

    @Test
    void anExpiredPreviousTokenIsNotKept() {
        Token shortLived =
                TestTokens.issuedAt(SECOND).expiresAt(SECOND.plusSeconds(100)).token();
        world.read(shortLived).runUntilAccepted();
        Token next = acceptableAfter(120);
        world.read(next);
        runUntil(at(180));
        replica.offset = Duration.ofSeconds(-80);

        world.read(acceptableAfter(600)).runFor(Duration.ofSeconds(1));

        assertThat(world.tokenSource.best()).isEqualTo(next);
    }

    @Test
    void aRotationBackToAPreviousTokenDropsTheNewerToken() {
        rotateThrough(before, acceptableAfter(5));

        world.read(before).runFor(Duration.ofSeconds(1));

        assertThat(world.tokenSource.best()).isEqualTo(before);
        assertThat(world.candidate()).isNull();
        assertThat(world.guardian.rotations()).isEqualTo(1);
        assertThat(log.lines()).last().asString().startsWith("INFO verdict=accepted token=rotated ");
    }

    private void rotateThrough(Token... tokens) {
        for (Token token : tokens) {
            world.read(token);
            while (!token.equals(world.tokenSource.best())) {
                world.runFor(Duration.ofMillis(100));
            }
        }
    }
}
