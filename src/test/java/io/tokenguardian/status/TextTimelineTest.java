package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTimelineTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration FAR = Duration.ofMinutes(15);
    private static final int LABEL = 24;
    private static final int LAST = 60;

    private final TextTimeline line = new TextTimeline();

    @Test
    void eventsAreDrawnAboveTheAxisInTheOrderOfTimeAndClocksBelow() {
        line.event("later", NOON.plusSeconds(60));
        line.event("sooner", NOON);
        line.clock("this node", NOON.plusSeconds(30));

        assertThat(drawn())
                .extracting(row -> row.substring(0, LABEL).strip())
                .containsExactly("sooner", "later", "", "this node");
    }

    @Test
    void aMarkHasItsNameItsSignAndItsTimeToTheSecond() {
        line.clock("this node", NOON.plusMillis(999));

        assertThat(drawn().get(1)).startsWith("this node ").endsWith("▲ 2026-03-01T12:00:00Z");
    }

    @Test
    void columnsAreProportionalToTime() {
        line.event("start", NOON);
        line.event("quarter", NOON.plusSeconds(25));
        line.event("end", NOON.plusSeconds(100));
        line.clock("this node", NOON.plusSeconds(50));

        int start = column("start");
        int width = column("end") - start;
        assertThat(column("quarter") - start).isEqualTo(width / 4);
        assertThat(column("this node") - start).isEqualTo(width / 2);
    }

    @Test
    void theAxisIsCrossedAtEachEvent() {
        line.event("start", NOON);
        line.event("end", NOON.plusSeconds(100));
        line.clock("this node", NOON.plusSeconds(50));

        String axis = drawn().get(2).substring(LABEL);

        assertThat(axis).hasSize(LAST + 1).matches("[─┼]+");
        assertThat(axis.chars().filter(c -> c == '┼').count()).isEqualTo(2);
        assertThat(axis.charAt(column("start"))).isEqualTo('┼');
        assertThat(axis.charAt(column("end"))).isEqualTo('┼');
    }

    @Test
    void anEventWithinTheLimitOfAClockIsDrawnToScale() {
        line.event("expires", NOON.plus(FAR).minusNanos(1));
        line.event("half", NOON.plus(FAR.dividedBy(2)));
        line.clock("this node", NOON);

        assertThat(column("half") - column("this node")).isEqualTo((column("expires") - column("this node")) / 2);
    }

    @Test
    void anEventFarFromEveryClockDoesNotAffectTheScale() {
        line.event("expires", NOON.plus(FAR));
        line.event("near", NOON.plusSeconds(60));
        line.clock("this node", NOON);

        assertThat(column("expires")).isEqualTo(LAST);
        assertThat(column("near")).isGreaterThan(LAST / 2);
    }

    @Test
    void onlyFarEventsAreAtTheEdges() {
        line.event("issued", NOON.minus(Duration.ofDays(300)));
        line.event("expires", NOON.plus(Duration.ofDays(365)));
        line.clock("this node", NOON);
        line.clock("10.96.0.1:443", NOON.plusSeconds(100));

        assertThat(column("issued")).isZero();
        assertThat(column("expires")).isEqualTo(LAST);
        assertThat(column("this node")).isBetween(1, LAST - 1);
        assertThat(column("10.96.0.1:443")).isBetween(column("this node") + 1, LAST - 1);
    }

    @Test
    void clocksWithinASecondAreAdjacentIfNoEventIsNear() {
        line.event("expires", NOON.plus(Duration.ofDays(365)));
        line.clock("this node", NOON);
        line.clock("10.96.0.1:443", NOON.plusMillis(400));

        assertThat(column("10.96.0.1:443") - column("this node")).isBetween(0, 1);
    }

    @Test
    void aSingleEventWithoutAClockIsDrawn() {
        line.event("issued", NOON);

        assertThat(drawn()).hasSize(2).first().asString().contains("▼ 2026-03-01T12:00:00Z");
    }

    @Test
    void equalInstantsShareAColumn() {
        line.event("issued", NOON);
        line.event("not before", NOON);
        line.clock("this node", NOON);

        assertThat(column("issued")).isEqualTo(column("not before")).isEqualTo(column("this node"));
    }

    @Test
    void anUnknownEventIsOmitted() {
        line.event("expires", null);
        line.clock("this node", NOON);

        assertThat(drawn()).hasSize(2);
    }

    @Test
    void timesThousandsOfYearsApartAreDrawn() {
        line.event("issued", Instant.parse("9999-12-31T23:59:59Z"));
        line.clock("this node", Instant.EPOCH);

        assertThat(column("issued")).isEqualTo(LAST);
    }

    private List<String> drawn() {
        return line.draw().lines().toList();
    }

    private int column(String name) {
        String row = drawn().stream()
                .filter(each -> each.startsWith(name + " "))
                .findFirst()
                .orElseThrow();
        return row.replace('▲', '▼').indexOf('▼') - LABEL;
    }
}
