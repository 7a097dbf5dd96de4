package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.status.RightTime.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which clock is right and which is wrong. Offsets are in milliseconds, known to ± 0.5 s. */
class RightTimeTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Returns clocks named cp-1, cp-2 and so on. */
    private static List<Clock> clocks(int... millis) {
        List<Clock> clocks = new ArrayList<>();
        for (int each : millis) {
            Duration ahead = Duration.ofMillis(each);
            Duration half = Duration.ofMillis(500);
            clocks.add(new Clock("cp-" + (clocks.size() + 1), new OffsetInterval(ahead.minus(half), ahead.plus(half))));
        }
        return clocks;
    }

    private static List<String> off(RightTime time, Duration limit, String... known) {
        return time.off(limit, Set.of(known)).stream().map(Clock::name).toList();
    }

    private static List<String> offWithNode(int... millis) {
        return off(RightTime.withNode(clocks(millis)), LIMIT);
    }

    private static List<String> offOfReplicas(int... millis) {
        return off(RightTime.ofReplicas(clocks(millis)), LIMIT);
    }

    @Test
    void clocksAgreeUpToFiveSecondsApart() {
        assertThat(RightTime.withNode(clocks(60_000, 65_000)).right().isNode()).isFalse();
        assertThat(RightTime.withNode(clocks(60_000, 65_001)).right().isNode()).isTrue();
    }

    @Test
    void atATieTheTimeNearerToTheNodesIsRight() {
        assertThat(offWithNode(90_000)).containsExactly("cp-1");
        assertThat(offWithNode(-90_000, -90_000, 0)).containsExactly("cp-1", "cp-2");
        assertThat(offWithNode(-100_000, -100_000, 90_000, 90_000)).containsExactly("cp-1", "cp-2", "this node");
    }

    @Test
    void atATieWithoutANodeTheTimeNearerToTheMedianIsRight() {
        assertThat(offOfReplicas(40_000, -50_000, 0)).containsExactly("cp-2", "cp-1");
    }

    @Test
    void aNodeThatAgreesWithTheRightTimeIsTheReference() {
        assertThat(RightTime.withNode(clocks(4_000, 8_000)).right().isNode()).isTrue();
    }

    @Test
    void aClockIsWrongOnlyIfItCertainlyExceedsTheLimit() {
        assertThat(offWithNode(0, -30_500)).isEmpty();
        assertThat(offWithNode(0, -30_501)).containsExactly("cp-2");
        assertThat(offWithNode(0, 30_500)).isEmpty();
        assertThat(offWithNode(0, 30_501)).containsExactly("cp-2");
    }

    @Test
    void theUncertaintyOfTheRightClockIsIncluded() {
        assertThat(offWithNode(30_500, 30_500)).isEmpty();
        assertThat(offWithNode(30_501, 30_501)).containsExactly("this node");
        assertThat(offOfReplicas(0, 0, 31_000)).isEmpty();
        assertThat(offOfReplicas(0, 0, 31_001)).containsExactly("cp-3");
    }

    /** Each difference between clocks is uncertain by 0.5 s. */
    @ParameterizedTest
    @CsvSource({"30, 28501, cp-2", "30, 28500, ''", "1, 1001, cp-2", "1, 1000, ''"})
    void aWrongClockStaysWrongUntilItIsWellWithinTheLimit(int limitSeconds, int millis, String off) {
        RightTime time = RightTime.withNode(clocks(0, -millis));

        assertThat(String.join(" ", off(time, Duration.ofSeconds(limitSeconds), "cp-2")))
                .isEqualTo(off);
    }

    @Test
    void onlyAReplicaThatIsCertainlyBeyondALimitIsNamed() {
        RightTime time = RightTime.withNode(clocks(0, -10_500, 9_000));

        assertThat(time.replicaBeyond(Duration.ofMillis(9_999))).hasValue("cp-2's clock is 10.5 s behind this node's");
        assertThat(time.replicaBeyond(Duration.ofSeconds(10))).isEmpty();
        assertThat(RightTime.withNode(clocks(90_000, 90_000)).replicaBeyond(LIMIT))
                .isEmpty();
        assertThat(RightTime.ofReplicas(clocks(0, -40_000)).replicaBeyond(LIMIT))
                .hasValue("cp-2's clock is 40.0 s behind cp-1's");
    }
}
