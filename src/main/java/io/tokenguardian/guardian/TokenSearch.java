package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import io.tokenguardian.verdict.TokenTerms;
import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;

/**
 * The search for a replica that accepts one token. The token is usable from its first acceptance until a search finds
 * that all replicas refuse it. Not thread-safe.
 */
final class TokenSearch {
    private static final Duration FOR_OLD_TOKEN = Duration.ofMinutes(1);

    private final TokenTerms terms;
    private final Search search;
    private boolean usable;
    private boolean searching; // from a refusal or a doubt until an acceptance
    private Instant pausedUntil = Instant.MIN; // after all connections of a search were refused

    TokenSearch(TokenTerms terms, DoubleSupplier chance) {
        this.terms = terms;
        this.search = new Search(Search.AT_ONCE, Integer.MAX_VALUE, chance);
    }

    boolean isUsable() {
        return usable;
    }

    /** Whether connections are opened without a pause. */
    boolean isInHurry() {
        return searching && search.refusedInARow() < Search.AT_ONCE;
    }

    /** Searches again, because no replica may accept the token any longer. */
    void doubt() {
        if (usable && !searching) {
            restart();
        }
    }

    /** Searches again, because the proxy has found a replica that accepts the token. */
    void takeHint() {
        if (!usable && !isInHurry()) {
            restart();
        }
    }

    private void restart() {
        searching = true;
        pausedUntil = Instant.MIN;
        search.restart();
    }

    /** Takes the result of a probe over a new connection, unless it is an acceptance. */
    void takeNew(Finding finding, ProbeResult result) {
        if (finding.isRefusal() && (!usable || searching)) {
            searching = true;
            search.found(finding, nanos(result.receivedAt()));
            if (search.refusedInARow() >= Search.AT_ONCE) {
                usable = false;
                // A replica may have issued the token just now, and then accepts it. Otherwise, a search is in no
                // hurry.
                pausedUntil = terms.mayBeIssuedNow(result.date())
                        ? Instant.MIN
                        : result.receivedAt().plus(FOR_OLD_TOKEN);
            }
        }
    }

    void accepted() {
        usable = true;
        searching = false;
        search.accepted();
    }

    /**
     * Returns when to open the next connection, with {@code underWay} others; {@link Instant#MAX} if an event comes
     * first. A start is in a hurry. Otherwise, another replica or another token is probably accepted.
     */
    Instant nextConnection(int underWay, boolean start, Instant now) {
        int most = start && !usable ? Search.SIDE_BY_SIDE : Math.max(1, search.refusedInARow());
        long in = searching && underWay < most ? search.opensIn(underWay, nanos(now)) : Search.AFTER_AN_EVENT;
        return in == Search.AFTER_AN_EVENT ? Instant.MAX : Instants.later(now.plusNanos(in), pausedUntil);
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000 + instant.getNano();
    }
}
