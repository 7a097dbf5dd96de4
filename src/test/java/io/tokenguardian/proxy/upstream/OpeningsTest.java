package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.Openings.Attempt;
import io.tokenguardian.proxy.upstream.Openings.Demand;
import io.tokenguardian.proxy.upstream.Openings.Obstacle;
import io.tokenguardian.proxy.upstream.Openings.Opening;
import io.tokenguardian.proxy.upstream.WaitingRequests.Wait;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When the next connection may be opened, and why not earlier. */
class OpeningsTest {

    private static final int MOST = 10;
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final ConnectionFault FAULT = new ConnectionFault(ProxyFault.UPSTREAM_UNREACHABLE, "failed", false);

    private long now = 100 * SECOND;
    private final ConnectionBudget budget = new ConnectionBudget(now);
    private final FailureRow failures = new FailureRow(() -> 0, now);
    private final Search search = new Search(20, Search.GIVE_UP_AFTER, () -> 0);
    private final Openings openings = new Openings(MOST, search, budget, failures, now);

    // What the connections are needed for: one request, which any connection would serve
    private int waiting = 1;
    private Wait first = new Wait(now, 0, false);
    private boolean opened;
    private int open;
    private boolean acceptedByEvery = true;
    private boolean accepted;
    private int onlyFor401 = -1;
    private boolean acceptedLater;

    private Demand demand() {
        return new Demand(
                waiting, first, opened ? null : first, open, acceptedByEvery, accepted, onlyFor401, acceptedLater);
    }

    private Opening next() {
        return openings.next(demand(), now);
    }

    private Attempt begin() {
        return openings.begin(Attempt.Purpose.NEW, false, now);
    }

    private void refuse(int times) {
        for (int i = 0; i < times; i++) {
            openings.end(begin(), Finding.NOT_YET_VALID, now);
            search.refused(now);
        }
    }

    private void emptyBudget() {
        while (budget.withdraw(now)) {
            // until it is empty
        }
    }

    @Test
    void theFirstConnectionIsOpenedAtOnce() {
        openings.waitBegins(now);

        assertThat(next()).isEqualTo(new Opening(0, Obstacle.NONE));
    }

    @Test
    void theNextConnectionIsOpenedIfTheFirstIsSlow() {
        openings.waitBegins(now);
        begin();

        assertThat(next()).isEqualTo(new Opening(Openings.HEDGE_AFTER, Obstacle.HEDGE));
    }

    @Test
    void noFurtherConnectionIsNeededBesideSevenSlowOnes() {
        openings.waitBegins(now);
        begin();
        for (int round = 1; round <= 2; round++) {
            now += Openings.HEDGE_AFTER;
            openings.hedge(now);
            for (int i = 0; i < 2 * round; i++) {
                assertThat(next().obstacle()).isEqualTo(Obstacle.NONE);
                begin();
            }
        }

        assertThat(next()).isEqualTo(new Opening(Search.AFTER_AN_EVENT, Obstacle.NOT_NEEDED));
    }

    @Test
    void connectionsThatAreNotLimitedDoNotCountForTheRate() {
        for (int i = 0; i < 1_000; i++) {
            openings.end(begin(), null, now);
        }
        acceptedByEvery = false;

        assertThat(openings.allowed(demand(), now)).isEqualTo(new Opening(0, Obstacle.NONE));
    }

    @Test
    void theLastPlaceOfThePoolIsUsed() {
        openings.waitBegins(now);
        open = MOST - 1;

        assertThat(next().obstacle()).isEqualTo(Obstacle.NONE);
    }

    @Test
    void aFullPoolOpensNoConnection() {
        open = MOST;

        assertThat(openings.allowed(demand(), now)).isEqualTo(new Opening(Search.AFTER_AN_EVENT, Obstacle.FULL));
    }

    @Test
    void aFailureDelaysTheNextConnection() {
        openings.waitBegins(now);
        Attempt attempt = begin();
        openings.end(attempt, Finding.UNREACHABLE, now);
        openings.failed(attempt, FAULT, now);
        long pause = failures.opensIn(now);

        assertThat(next()).isEqualTo(new Opening(pause, Obstacle.BACKOFF));
        now += pause;
        assertThat(next().obstacle()).isEqualTo(Obstacle.NONE);
    }

    @Test
    void anEmptyBudgetDelaysASecondConnectionForTheSameRequest() {
        opened = true;
        emptyBudget();

        assertThat(openings.allowed(demand(), now)).isEqualTo(new Opening(ConnectionBudget.INTERVAL, Obstacle.BUDGET));
    }

    @Test
    void anEmptyBudgetDelaysNoRequestsFirstConnection() {
        emptyBudget();

        assertThat(openings.allowed(demand(), now).obstacle()).isEqualTo(Obstacle.NONE);
    }

    @Test
    void aSearchPausesAfter24Refusals() {
        refuse(Search.AT_ONCE - 1);
        assertThat(openings.allowed(demand(), now).obstacle()).isEqualTo(Obstacle.NONE);

        refuse(1);

        assertThat(openings.allowed(demand(), now))
                .isEqualTo(new Opening(Duration.ofMillis(100).toNanos(), Obstacle.SEARCH));
    }

    @Test
    void aSearchDelaysNoRequestWithItsCallersOwnCredential() {
        refuse(Search.AT_ONCE);
        first = new Wait(now, 0, true);

        assertThat(openings.allowed(demand(), now).obstacle()).isEqualTo(Obstacle.NONE);
    }

    @Test
    void aSearchOpensEightConnectionsForOneRequest() {
        openings.waitBegins(now);
        refuse(1);
        for (int i = 0; i < Search.SIDE_BY_SIDE; i++) {
            assertThat(next().obstacle()).isEqualTo(Obstacle.NONE);
            begin();
        }

        assertThat(next().obstacle()).isEqualTo(Obstacle.HEDGE);
    }

    @Test
    void whileSomeReplicasRefuseARequestWaits20Milliseconds() {
        openings.waitBegins(now);
        acceptedByEvery = false;
        accepted = true;
        assertThat(next()).isEqualTo(new Opening(Openings.PATIENCE, Obstacle.SEARCH));

        now += Openings.PATIENCE;

        assertThat(next().obstacle()).isEqualTo(Obstacle.NONE);
    }

    @Test
    void noFurtherConnectionCarriesRequestsOnlyForTheir401Beyond16() {
        onlyFor401 = Connections.MOST_KEPT - 1;
        assertThat(openings.allowed(demand(), now).obstacle()).isEqualTo(Obstacle.NONE);

        onlyFor401 = Connections.MOST_KEPT;

        assertThat(openings.allowed(demand(), now)).isEqualTo(new Opening(Search.AFTER_AN_EVENT, Obstacle.SEARCH));
    }

    @Test
    void theLongestPauseDecides() {
        refuse(Search.AT_ONCE);
        opened = true;
        emptyBudget();

        assertThat(openings.allowed(demand(), now).obstacle()).isEqualTo(Obstacle.BUDGET);
    }

    @Test
    void aRequestInAFullPoolWaitsForASecond() {
        open = MOST;

        assertThat(openings.endsIn(demand(), now)).isEqualTo(SECOND);
        assertThat(openings.fault(demand()).fault()).isEqualTo(ProxyFault.OVERLOADED);
    }

    @Test
    void aRequestWaitsWithoutLimitWhileAReplicaWillAcceptLater() {
        refuse(1);
        acceptedLater = true;

        assertThat(openings.endsIn(demand(), now)).isEqualTo(Search.AFTER_AN_EVENT);
    }
}
