package io.tokenguardian.verdict;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether at least one replica accepts a token, and when the guardian next searches for a replica that does. Immutable.
 *
 * <p>A refusal shows nothing about the other replicas: the refusing replica's clock may be off, or it may lack a key or
 * an account. So a search opens {@link #AT_ONCE} new connections without a pause. If the token is refused on all of
 * them, it is not usable. Then further connections follow after pauses that double: up to {@link #LONGEST_PAUSE} if a
 * replica may have issued the token just now, because that replica accepts it; otherwise up to a minute. A refusal of a
 * usable token starts no search; {@link #inDoubt()} does. If the replicas are known, a search probes each once.
 *
 * @param known the number of replicas; 0 if unknown
 * @param since when the first replica accepted the token; null if none is known to accept it
 * @param doubted whether a search was requested without a refusal
 * @param refused the number of consecutive new connections of this search on which the token has been refused
 */
public record Usability(int known, @Nullable Instant since, boolean doubted, int refused, Instant next) {
    /** If only one of three replicas accepts the token, 6 in 100,000 searches miss it. */
    public static final int AT_ONCE = 24;

    /** How many connections of a search are opened concurrently. */
    public static final int SIDE_BY_SIDE = 8;

    static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private static final Backoff FOR_NEW_TOKEN = new Backoff(Duration.ofMillis(100), LONGEST_PAUSE);

    private static final Backoff FOR_OLD_TOKEN = new Backoff(Duration.ofSeconds(15), Duration.ofSeconds(60));

    /** Not usable, and no search. {@code replicas} is 0 if unknown. */
    public static Usability of(int replicas) {
        return new Usability(replicas, null, false, 0, Instant.MAX);
    }

    public boolean isUsable() {
        return since != null;
    }

    /** Returns when the next new connection is due, {@code now} at the earliest; {@link Instant#MAX} if never. */
    public Instant nextSearch(Instant now) {
        return isSearching() || next.isBefore(now) ? now : next;
    }

    /** Whether the search opens its next connection without a pause. */
    public boolean isSearching() {
        return (doubted || refused > 0) && left() > 0;
    }

    /** Returns how many connections the search may still open without a pause; at least 0. */
    public int left() {
        return Math.max(0, (known > 0 ? known : AT_ONCE) - refused);
    }

    /** Whether a search has tried {@link #AT_ONCE} connections without success. */
    public boolean hasMissed() {
        return known == 0 && refused >= AT_ONCE;
    }

    /** Starts a search for a replica that still accepts the token, if the token is usable. */
    public Usability inDoubt() {
        return since == null || doubted ? this : new Usability(known, since, true, 0, Instant.MAX);
    }

    /** Starts a search if the token is not usable or is in doubt. {@code replicas} is 0 if unknown. */
    public Usability among(int replicas) {
        return new Usability(replicas, since, doubted || since == null, 0, Instant.MAX);
    }

    public Usability afterNewConnection(TokenTerms terms, JudgedResult judged) {
        return switch (judged.finding()) {
            case ACCEPTED -> accepted(judged.result().receivedAt());
            case NOT_YET_VALID, EXPIRED, REFUSED -> isUsable() && !doubted ? this : refused(terms, judged);
            case UNREACHABLE -> this;
        };
    }

    public Usability afterSameConnection(JudgedResult judged) {
        return judged.finding() == Finding.ACCEPTED ? accepted(judged.result().receivedAt()) : this;
    }

    private Usability accepted(Instant at) {
        return new Usability(known, since == null ? at : since, false, 0, Instant.MAX);
    }

    private Usability refused(TokenTerms terms, JudgedResult judged) {
        Usability after = new Usability(known, since, doubted, refused + 1, Instant.MAX);
        if (after.isSearching()) {
            return after;
        }
        Backoff pauses = terms.mayBeIssuedNow(judged.result().date()) ? FOR_NEW_TOKEN : FOR_OLD_TOKEN;
        Instant further = after.hasMissed()
                ? judged.result().receivedAt().plus(pauses.pause(after.refused - AT_ONCE + 1, () -> 0))
                : Instant.MAX;
        return new Usability(known, null, doubted, after.refused, further);
    }
}
