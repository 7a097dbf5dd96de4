package io.tokenguardian.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.verdict.Verdict;
import io.tokenguardian.web.OffsetHistory.Point;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OffsetHistoryTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration SLOW = Duration.ofSeconds(-75);

    private final OffsetHistory history = new OffsetHistory();

    @Test
    void anObservedReplicaHasAPointAtTheObservationTime() {
        meet("a", NOON, SLOW);

        assertThat(points("a", NOON)).containsExactly(new Point(NOON, SLOW));
    }

    @Test
    void eachMinuteKeepsTheNewestOffset() {
        meet("a", NOON, SLOW);
        meet("a", NOON.plusMillis(59_999), Duration.ZERO);

        assertThat(points("a", NOON)).containsExactly(new Point(NOON.plusMillis(59_999), Duration.ZERO));
    }

    @Test
    void theNextMinuteGetsANewPoint() {
        meet("a", NOON.plusMillis(59_999), SLOW);
        meet("a", NOON.plusSeconds(60), SLOW);

        assertThat(points("a", NOON)).hasSize(2);
    }

    @Test
    void aChangedClockIsAStepInTheMinuteOfItsObservation() {
        meet("a", NOON, SLOW);
        meet("a", NOON.plusSeconds(60), Duration.ZERO);
        meet("a", NOON.plusSeconds(120), Duration.ofSeconds(400));

        assertThat(points("a", NOON))
                .extracting(Point::offset)
                .containsExactly(SLOW, Duration.ZERO, Duration.ofSeconds(400));
    }

    @Test
    void aStatusWithoutANewObservationAddsNoPoint() {
        KnownReplica once = replica("a", NOON, SLOW);
        history.accept(status(NOON, once));

        history.accept(status(NOON.plusSeconds(600), once));

        assertThat(points("a", NOON)).hasSize(1);
    }

    @Test
    void anEarlierObservationOfAnotherReplicaIsIncluded() {
        meet("b", NOON.plusSeconds(1), SLOW);
        meet("a", NOON, SLOW);

        assertThat(points("a", NOON)).hasSize(1);
    }

    @Test
    void aReplicaUnobservedForAnHourGetsNoPointWithAnothersUpdate() {
        KnownReplica old = replica("a", NOON, SLOW);
        Instant later = NOON.plus(OffsetHistory.KEPT).plusNanos(1);
        history.accept(status(NOON, old));

        history.accept(TokenStatuses.with(status(later, old), old, replica("b", later, SLOW)));

        assertThat(history.lines(later)).containsOnlyKeys("b");
    }

    @Test
    void aPointIsKeptForAnHour() {
        meet("a", NOON, SLOW);

        assertThat(points("a", NOON.plus(OffsetHistory.KEPT).minusNanos(1))).hasSize(1);
        assertThat(points("a", NOON.plus(OffsetHistory.KEPT))).hasSize(1);
        assertThat(history.lines(NOON.plus(OffsetHistory.KEPT).plusNanos(1))).isEmpty();
    }

    @Test
    void aReplicaObservedEverySecondHasAtMost61Points() {
        Instant now = NOON;
        for (int second = 0; second < 86_400; second++) {
            now = NOON.plusSeconds(second);
            meet("a", now, SLOW);
        }

        assertThat(points("a", now)).hasSizeBetween(60, 61);
    }

    @Test
    void aSeventeenthReplicaIsLeftOutUntilAnotherIsUnobservedAnHour() {
        IntStream.rangeClosed(1, 17).forEach(i -> meet("replica-" + i, NOON.plusSeconds(i), SLOW));
        assertThat(history.lines(NOON.plusSeconds(17))).hasSize(16).doesNotContainKey("replica-17");

        Instant later = NOON.plus(OffsetHistory.KEPT).plusSeconds(2);
        meet("replica-17", later, SLOW);

        assertThat(history.lines(later)).hasSize(16).containsKey("replica-17").doesNotContainKey("replica-1");
    }

    @Test
    void aReplicaThatHidesItsClockHasNoLine() {
        history.accept(status(NOON, replica("a", NOON, null)));

        assertThat(history.lines(NOON)).isEmpty();
    }

    @Test
    void anOffsetIsRelativeToTheNodesClockAtThatTime() {
        history.accept(TokenStatuses.shifted(status(NOON, replica("a", NOON, SLOW)), Duration.ofSeconds(20)));

        assertThat(points("a", NOON)).extracting(Point::offset).containsExactly(SLOW.minusSeconds(20));
    }

    @Test
    void replicasThatShareACertificateHaveALineEach() {
        KnownReplica one = replica("a", NOON, SLOW);
        KnownReplica other = replica("a", NOON, Duration.ZERO);

        history.accept(TokenStatuses.with(status(NOON, one), one, other));

        assertThat(history.lines(NOON).values())
                .extracting(line -> line.get(0).offset())
                .containsExactlyInAnyOrder(SLOW, Duration.ZERO);
    }

    private List<Point> points(String name, Instant now) {
        return history.lines(now).getOrDefault(name, List.of());
    }

    private void meet(String name, Instant at, Duration offset) {
        history.accept(status(at, replica(name, at, offset)));
    }

    private static TokenStatus status(Instant at, KnownReplica replica) {
        return TokenStatuses.with(TokenStatuses.of(at, new Verdict.Accepted(at, null)), replica);
    }

    /** Returns a replica whose clock offset is {@code offset} ± 0.5 s, or unknown if {@code offset} is null. */
    private static KnownReplica replica(String name, Instant at, @Nullable Duration offset) {
        ClockEstimate clock = offset == null
                ? null
                : ClockEstimate.of(new Sample(at, at, at.plus(offset).minusMillis(500)));
        return new KnownReplica(TokenStatuses.ADDRESS, name, List.of(name), clock, Finding.ACCEPTED, null, at);
    }
}
