package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The number of connections that a search opens, and when it gives up, in simulated time. */
class ReplicaSearchTest {

    private static final long MILLISECOND = Duration.ofMillis(1).toNanos();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-03-01T12:00:00Z"));
    private static final TokenRefusal EARLY =
            TokenRefusal.notYetValid(TOKEN, new ValidityStart(3_600 * SECOND, 3_600 * SECOND), 0);
    private static final TokenRefusal OTHER = TokenRefusal.forAnotherReason(TOKEN, 0);

    private final TokenSource source = new TokenSource();
    private final LeaseRequest request = new PlainRequest(source) {
        @Override
        public void onLeased(Lease lease) {}

        @Override
        public void fail(ProxyFault fault, @Nullable String detail) {}

        @Override
        public void onLeaseWaits() {}
    };
    private long now;
    private final ReplicaSearch search = new ReplicaSearch(10, () -> now);

    ReplicaSearchTest() {
        TokenSourceKeys.usePartly(source, TOKEN);
    }

    private boolean refuse(TokenRefusal refusal) {
        return search.refused(refusal, true);
    }

    /** Reports this many refusals over new connections. Returns whether the search gave up at the last of them. */
    private boolean refuse(TokenRefusal refusal, int times) {
        boolean gaveUp = false;
        for (int i = 0; i < times; i++) {
            assertThat(gaveUp).isFalse();
            gaveUp = refuse(refusal);
        }
        return gaveUp;
    }

    private int probesAtOnce() {
        int count = 0;
        while (search.mayProbe()) {
            search.probeBegun();
            count++;
        }
        return count;
    }

    @Test
    void requestsWaitAndProbesSearchAfterTheFirstRefusal() {
        assertThat(search.isByProbesFor(request)).isFalse();

        refuse(EARLY);

        assertThat(search.isByProbesFor(request)).isTrue();
        assertThat(search.mayConnect(request, now)).isFalse();
        assertThat(search.nextAttempt(request, now)).isEqualTo(now);
    }

    @Test
    void eightProbesAreUnderWayAtATime() {
        refuse(EARLY);

        assertThat(probesAtOnce()).isEqualTo(8);
    }

    @Test
    void thePausesDoubleToTwoSecondsAfter24Connections() {
        // Given
        refuse(EARLY);
        int connections = 1;
        for (int begun = probesAtOnce(); begun > 0; begun = probesAtOnce()) {
            connections += begun;
            for (int i = 0; i < begun; i++) {
                refuse(EARLY);
                search.probeEnded();
            }
        }
        assertThat(connections).isEqualTo(24);

        // When
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            long before = now;
            now = search.nextAttempt(request, 0);
            assertThat(probesAtOnce()).isEqualTo(1);
            pauses.add((now - before) / MILLISECOND);
            refuse(EARLY);
            search.probeEnded();
        }

        // Then
        assertThat(pauses).containsExactly(100L, 200L, 400L, 800L, 1_600L, 2_000L, 2_000L);
    }

    @Test
    void aPauseLastsToItsEnd() {
        refuse(EARLY, 24);

        now = 100 * MILLISECOND - 1;
        assertThat(search.mayProbe()).isFalse();
        now = 100 * MILLISECOND;
        assertThat(search.mayProbe()).isTrue();
    }

    @Test
    void requestsConnectAfterTheirPatienceWhileAReplicaAccepts() {
        refuse(EARLY);
        search.countAccepting(1);

        assertThat(search.isByProbesFor(request)).isFalse();
        now = ReplicaSearch.PATIENCE - 1;
        assertThat(search.mayConnect(request, 0)).isFalse();
        now = ReplicaSearch.PATIENCE;
        assertThat(search.mayConnect(request, 0)).isTrue();
    }

    @Test
    void anAcceptanceEndsTheSearch() {
        refuse(EARLY, 24);

        assertThat(search.accepted()).isTrue();

        assertThat(search.isByProbesFor(request)).isFalse();
        assertThat(search.accepted()).isFalse();
    }

    @Test
    void earlyRefusalsNeverEndTheSearch() {
        assertThat(refuse(EARLY, 100)).isFalse();
        assertThat(search.hasGivenUp()).isFalse();
    }

    @Test
    void sixteenOtherRefusalsEndTheSearch() {
        assertThat(refuse(OTHER, 15)).isFalse();
        assertThat(search.hasGivenUp()).isFalse();

        assertThat(refuse(OTHER)).isTrue();

        assertThat(search.hasGivenUp()).isTrue();
        assertThat(search.isByProbesFor(request)).isFalse();
    }

    @Test
    void thePausesAfterAnEndedSearchDoubleToAMinute() {
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            refuse(OTHER, 16);
            long begin = now;
            while (search.hasGivenUp()) {
                now += SECOND / 2;
            }
            pauses.add((now - begin) / SECOND);
        }

        assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    }

    @Test
    void anAcceptanceEndsThePauseToo() {
        refuse(OTHER, 16);

        assertThat(search.accepted()).isTrue();

        assertThat(search.hasGivenUp()).isFalse();
        refuse(OTHER, 16);
        now += SECOND;
        assertThat(search.hasGivenUp()).isFalse();
    }

    @Test
    void theTokenIsInDoubtAtTheEighthRefusalInARow() {
        refuse(EARLY, 6);
        assertThat(search.isTokenInDoubt()).isFalse();

        refuse(EARLY);

        assertThat(search.isTokenInDoubt()).isTrue();
    }

    @Test
    void refusalsAfterAnotherResponseAreNotARow() {
        for (int i = 0; i < 100; i++) {
            assertThat(search.refused(OTHER, false)).isFalse();
        }

        assertThat(search.isSearching()).isFalse();
        assertThat(search.isLimitedFor(request)).isTrue();
    }

    @Test
    void refusalsDuringThePauseAreNotPartOfTheNextRow() {
        assertThat(refuse(OTHER, 16)).isTrue();
        for (int i = 0; i < 7; i++) {
            assertThat(refuse(OTHER)).isFalse();
        }
        now += Duration.ofMinutes(2).toNanos();

        assertThat(refuse(OTHER, 15)).isFalse();
    }
}
