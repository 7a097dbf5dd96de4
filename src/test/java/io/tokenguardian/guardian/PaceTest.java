package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.guardian.Pace.Reason;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reasons of the probes, as the log gives them at DEBUG. */
class PaceTest {
    private static final Instant SECOND = NOON.truncatedTo(ChronoUnit.SECONDS);
    private static final Logger LOGGER = Logger.getLogger("io.tokenguardian");

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian", Level.ALL);

    private final Level before = LOGGER.getLevel();
    private final Replica replica = new Replica("replica", Duration.ZERO);
    private final Replica other = new Replica("other", Duration.ZERO);
    private final World world = World.of(replica, other, new Replica("third", Duration.ZERO));
    private final Token old = TestTokens.issuedAt(SECOND.minusSeconds(3600)).token();

    @BeforeEach
    void logProbes() {
        LOGGER.setLevel(org.jboss.logmanager.Level.DEBUG);
    }

    @AfterEach
    void restoreLevel() {
        LOGGER.setLevel(before);
    }

    /** Returns the reasons of the probes that are sent meanwhile, without repetitions in a row. */
    private List<Reason> during(Duration duration) {
        int known = log.lines().size();
        world.runFor(duration);
        List<Reason> all = log.lines().subList(known, log.lines().size()).stream()
                .filter(line -> line.contains("probe=sent"))
                .map(line -> Reason.valueOf(line.substring(line.indexOf("reason=") + "reason=".length())))
                .toList();
        return IntStream.range(0, all.size())
                .filter(i -> i == 0 || all.get(i) != all.get(i - 1))
                .mapToObj(all::get)
                .toList();
    }

    @Test
    void aStartConfirmsAnOldTokenOnly() {
        world.read(old);

        assertThat(during(Duration.ofSeconds(1))).containsExactly(Reason.CONFIRM);
    }

    @Test
    void aStartWithANewTokenAlsoRulesOutFurtherReplicas() {
        world.read(TestTokens.issuedAt(SECOND).token());

        assertThat(during(Duration.ofSeconds(1))).containsExactly(Reason.CONFIRM, Reason.RULE_OUT);
    }

    @Test
    void aRefusalStartsASearch() {
        replica.unknown.add(old);
        world.read(old).runFor(Duration.ofMillis(1));

        assertThat(during(Duration.ofMillis(3))).containsExactly(Reason.SEARCH);
    }

    @Test
    void aReplicaThatRefusesForAnotherReasonIsProbedOverItsConnection() {
        replica.unknown.add(old);
        world.read(old).runFor(Duration.ofSeconds(20));

        assertThat(during(Duration.ofSeconds(40))).containsExactly(Reason.REFUSED);
    }

    @Test
    void aReplicaThatIsBehindIsProbedForItsClock() {
        replica.offset = Duration.ofMinutes(-2);
        world.read(TestTokens.issuedAt(SECOND).token()).runFor(Duration.ofSeconds(5));

        assertThat(during(Duration.ofSeconds(50))).containsExactly(Reason.WINDOW);
    }

    @Test
    void aReportIsChecked() {
        world.read(old).runUntilAccepted().runFor(Duration.ofSeconds(5));

        world.guardian.onAnswer(Answers.refused(old, Finding.REFUSED, false, "replica"));

        assertThat(during(Duration.ofSeconds(1))).containsExactly(Reason.REPORT);
    }

    @Test
    void anAcceptedTokenIsProbedForTheClocksOnly() {
        world.read(old).runUntilAccepted().runFor(Duration.ofSeconds(5));

        assertThat(during(Duration.ofMinutes(10))).containsExactly(Reason.SAMPLE);
    }

    @Test
    void aReaderOfTheStatusIsShownAClockEachSecond() {
        world.read(old).runUntilAccepted().runFor(Duration.ofSeconds(5));
        world.guardian.shownStatus();
        world.guardian.shownStatus();

        assertThat(during(Duration.ofSeconds(2))).containsExactly(Reason.WATCH);
    }

    @Test
    void aReaderAfterARequestedPauseIsShownAClockEachSecondToo() {
        replica.script.add(new ProbeOutcome.Authenticated("cart", Duration.ofSeconds(3)));
        world.read(old).runUntilAccepted().runFor(Duration.ofSeconds(5));
        int connections = world.apiServer.connections;
        world.guardian.shownStatus();
        world.guardian.shownStatus();

        assertThat(during(Duration.ofSeconds(2))).containsExactly(Reason.WATCH);
        assertThat(world.apiServer.connections).isEqualTo(connections + 1);
    }

    @Test
    void silenceIsFollowedByAPause() {
        world.apiServer.instead = new ProbeOutcome.Unreachable("no route");
        world.read(old).runFor(Duration.ofMillis(10));

        assertThat(during(Duration.ofSeconds(5))).containsExactly(Reason.SILENCE);
    }

    @Test
    void aRequestedPauseIsKept() {
        world.apiServer.instead = new ProbeOutcome.Unavailable("429", Duration.ofSeconds(20));
        world.read(old).runFor(Duration.ofMillis(10));

        assertThat(during(Duration.ofSeconds(40))).containsExactly(Reason.RETRY_AFTER);
    }
}
