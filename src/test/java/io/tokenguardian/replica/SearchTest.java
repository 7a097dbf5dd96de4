package io.tokenguardian.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The number of connections that a search opens, and when it gives up, in simulated time. */
class SearchTest {

    private static final long MILLISECOND = Duration.ofMillis(1).toNanos();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final Finding EARLY = Finding.NOT_YET_VALID;
    private static final Finding OTHER = Finding.REFUSED;

    private double chance;
    private final Search search = new Search(10, Search.GIVE_UP_AFTER, () -> chance);
    private long now;
    private int underWay;

    /** Reports this many refusals over new connections. Returns whether the search gave up at the last of them. */
    private boolean refuse(Finding finding, int times) {
        boolean gaveUp = false;
        for (int i = 0; i < times; i++) {
            assertThat(gaveUp).isFalse();
            search.refused(now);
            gaveUp = search.found(finding, now);
        }
        return gaveUp;
    }

    private int openedAtOnce() {
        int count = 0;
        while (search.opensIn(underWay, now) == 0) {
            search.opened(now);
            underWay++;
            count++;
        }
        return count;
    }

    private void end(Finding finding, int times) {
        for (int i = 0; i < times; i++) {
            underWay--;
            refuse(finding, 1);
        }
    }

    @Test
    void withoutARefusal24MayBeginAtOnceAndThenOneEach100Milliseconds() {
        assertThat(openedAtOnce()).isEqualTo(24);

        assertThat(search.opensIn(underWay, now)).isEqualTo(100 * MILLISECOND);
        now += 100 * MILLISECOND;
        assertThat(openedAtOnce()).isEqualTo(1);
    }

    @Test
    void afterARefusalEightConnectionsAreUnderWayAtATime() {
        refuse(EARLY, 1);

        assertThat(openedAtOnce()).isEqualTo(8);
        assertThat(search.opensIn(underWay, now)).isEqualTo(Search.AFTER_AN_EVENT);
    }

    @Test
    void thePausesDoubleToTwoSecondsAfter24Connections() {
        // Given
        refuse(EARLY, 1);
        int connections = 1;
        for (int begun = openedAtOnce(); begun > 0; begun = openedAtOnce()) {
            connections += begun;
            end(EARLY, begun);
        }
        assertThat(connections).isEqualTo(24);

        // When
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            long pause = search.opensIn(underWay, now);
            pauses.add(pause / MILLISECOND);
            now += pause;
            assertThat(openedAtOnce()).isEqualTo(1);
            end(EARLY, 1);
        }

        // Then
        assertThat(pauses).containsExactly(100L, 200L, 400L, 800L, 1_600L, 2_000L, 2_000L);
    }

    @Test
    void thePausesAreShortenedAtRandomByUpToAQuarter() {
        chance = 0.8;

        refuse(EARLY, 24);
        assertThat(search.opensIn(underWay, now)).isEqualTo(80 * MILLISECOND);

        search.accepted();
        refuse(OTHER, 24);
        now += 800 * MILLISECOND - 1;
        assertThat(search.hasGivenUp(now)).isTrue();
        now += 1;
        assertThat(search.hasGivenUp(now)).isFalse();
    }

    @Test
    void aConnectionWithoutAResponseLengthensARowButBeginsNone() {
        search.found(Finding.UNREACHABLE, now);
        assertThat(search.isSearching()).isFalse();

        refuse(EARLY, 23);
        search.found(Finding.UNREACHABLE, now);

        assertThat(search.opensIn(underWay, now)).isEqualTo(100 * MILLISECOND);
    }

    @Test
    void anAcceptanceEndsTheSearch() {
        refuse(EARLY, 24);

        search.accepted();

        assertThat(search.isSearching()).isFalse();
        assertThat(search.opensIn(underWay, now)).isZero();
    }

    @Test
    void theEndOfAnAcceptingResponseEndsNoLaterSearch() {
        refuse(EARLY, 3); // after its headers

        search.found(Finding.ACCEPTED, now);

        assertThat(search.refusedInARow()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(names = {"NOT_YET_VALID", "EXPIRED"})
    void refusalsThatAClockExplainsNeverEndTheSearch(Finding finding) {
        assertThat(refuse(finding, 100)).isFalse();
        assertThat(search.hasGivenUp(now)).isFalse();
    }

    @Test
    void twentyFourOtherRefusalsEndTheSearch() {
        assertThat(refuse(OTHER, 23)).isFalse();
        assertThat(search.hasGivenUp(now)).isFalse();

        assertThat(refuse(OTHER, 1)).isTrue();

        assertThat(search.hasGivenUp(now)).isTrue();
    }

    @Test
    void thePausesAfterAnEndedSearchDoubleToAMinute() {
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            refuse(OTHER, 24);
            long begin = now;
            while (search.hasGivenUp(now)) {
                now += SECOND / 2;
            }
            pauses.add((now - begin) / SECOND);
        }

        assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    }

    @Test
    void refusalsDuringThePauseAreNotPartOfTheNextRow() {
        assertThat(refuse(OTHER, 24)).isTrue();
        assertThat(refuse(OTHER, 7)).isFalse();
        now += Duration.ofMinutes(2).toNanos();

        assertThat(refuse(OTHER, 23)).isFalse();
    }

    @Test
    void theTokenIsInDoubtAtTheEighthRefusalInARow() {
        refuse(EARLY, 6);
        assertThat(search.inDoubt()).isFalse();

        refuse(EARLY, 1);

        assertThat(search.inDoubt()).isTrue();
    }

    @Test
    void connectionsAreLimitedForAMinuteAfterARefusal() {
        assertThat(search.isLimited(true, now)).isFalse();
        assertThat(search.isLimited(false, now)).isTrue();

        search.refused(now);

        now += 60 * SECOND - 1;
        assertThat(search.isLimited(true, now)).isTrue();
        now += 1;
        assertThat(search.isLimited(true, now)).isFalse();
    }
}
