package io.tokenguardian.verdict;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether some replica accepts a token, and whether to look for one that does. Immutable: each result makes a new one.
 *
 * <p>A replica's clock explains its refusal as not yet valid or expired, so another replica may accept. A search for it
 * opens new connections until one is accepted, or {@link Limit} is reached. If it ends at the limit, the token is not
 * usable until one of the replicas that were met accepts it. There may be others, so there are further, small searches.
 * A refusal of a usable token starts no search: it says nothing about the replicas that accept, and a search might by
 * chance meet only replicas that refuse. Only {@link #inDoubt()} starts one. Where the replicas are known, a search
 * meets each once, and no further one is needed.
 *
 * @param known the number of replicas; 0 if unknown. If it is known, that many new connections meet each replica once
 * @param since when the first replica accepted the token; null if none is known to accept it
 * @param doubted whether a search was requested by {@link #inDoubt()} or {@link #among}, without waiting for a refusal
 * @param refused how many new connections in a row have led to replicas whose clocks refuse it, in this search
 * @param certificate the certificate of the last of these, also of an earlier search; null if there is none
 * @param several whether the replicas that refuse it have shown several certificates, in this search or an earlier one
 * @param missed how many searches in a row had no success
 * @param missedAt when the last of these ended; null if {@code missed} is 0
 */
public record Usability(
        int known,
        @Nullable Instant since,
        boolean doubted,
        int refused,
        @Nullable String certificate,
        boolean several,
        int missed,
        @Nullable Instant missedAt) {

    /**
     * When a search ends without success.
     *
     * @param connections after this many new connections in a row that were refused
     * @param same after this many, if all replicas met so far have shown one certificate: they may be one replica
     */
    public record Limit(int connections, int same) {
        /**
         * For a new token. Where one of three replicas accepts, about one search in ten misses it. Each connection that
         * was refused is asked again at the end of the wait, which costs a round trip each.
         */
        public static final Limit NEW = new Limit(8, 3);

        /**
         * For a token that is in doubt, mostly a usable one while requests are under way. Where one of three replicas
         * accepts, about 2 of 1,000 searches miss it.
         */
        public static final Limit DOUBTED = new Limit(16, 8);

        /** For a search after one without success. Where all have shown one certificate, it asks only once. */
        public static final Limit AGAIN = new Limit(3, 1);
    }

    /** The pause after the first search without success. It doubles after each, up to a minute. */
    public static final Duration PAUSE = Duration.ofSeconds(15);

    private static final Backoff PAUSES = new Backoff(PAUSE, Duration.ofSeconds(60));

    private Usability(int known, @Nullable Instant since, boolean doubted) {
        this(known, since, doubted, 0, null, false, 0, null);
    }

    /**
     * As before the first result: not usable, and no search.
     *
     * @param replicas the number of replicas; 0 if unknown
     */
    public static Usability of(int replicas) {
        return new Usability(replicas, null, false);
    }

    /** Whether some replica accepts the token. */
    public boolean isUsable() {
        return since != null;
    }

    /** When the next new connection is due, not before {@code now}; {@link Instant#MAX} for never. */
    public Instant nextSearch(Instant now) {
        if (isSearching()) {
            return now;
        }
        Instant begin = nextBegin();
        return begin.isAfter(now) ? begin : now;
    }

    private Instant nextBegin() {
        return known > 0 || missedAt == null ? Instant.MAX : missedAt.plus(PAUSES.pause(missed, () -> 0));
    }

    /** Whether more new connections are tried at once. */
    public boolean isSearching() {
        boolean begun = doubted || refused > 0;
        return begun && refused < (several ? limit().connections() : limit().same());
    }

    private Limit limit() {
        if (known > 0) {
            return new Limit(known, known);
        }
        if (missedAt != null) {
            return Limit.AGAIN;
        }
        return doubted ? Limit.DOUBTED : Limit.NEW;
    }

    /** Starts a search for a replica that still accepts a usable token. */
    public Usability inDoubt() {
        return since == null || doubted ? this : new Usability(known, since, true);
    }

    /**
     * Sets the number of replicas, 0 if unknown. If the token is not usable, or is in doubt, starts a search. If the
     * number is known, the search meets each replica.
     */
    public Usability among(int replicas) {
        return new Usability(replicas, since, doubted || since == null);
    }

    /** Whether a search had no success. A further one only looks for replicas that are not known yet. */
    public boolean hasMissed() {
        return missed > 0;
    }

    /** Takes the result of a probe over a new connection. */
    public Usability afterNewConnection(JudgedResult judged) {
        return switch (judged.finding()) {
            case ACCEPTED -> accepted(judged.result().receivedAt());
            case NOT_YET_VALID, EXPIRED -> isUsable() && !doubted ? this : refused(judged);
            case REFUSED, UNREACHABLE -> this;
        };
    }

    /** Takes another result over a connection whose first result is known already. */
    public Usability afterSameConnection(JudgedResult judged) {
        return judged.finding() == Finding.ACCEPTED ? accepted(judged.result().receivedAt()) : this;
    }

    private Usability accepted(Instant at) {
        return new Usability(known, since == null ? at : since, false);
    }

    private Usability refused(JudgedResult judged) {
        Instant at = judged.result().receivedAt();
        boolean again = !isSearching() && !at.isBefore(nextBegin());
        Usability next = (again
                        ? new Usability(known, since, doubted, 0, certificate, several, missed, missedAt)
                        : this)
                .plusRefusal(judged.result().certificate());
        if (next.isSearching()) {
            return next;
        }
        boolean misses = known == 0 && (again || isSearching());
        return new Usability(
                known,
                null,
                doubted,
                next.refused,
                next.certificate,
                next.several,
                misses ? missed + 1 : missed,
                misses ? at : missedAt);
    }

    private Usability plusRefusal(@Nullable String shown) {
        boolean another = certificate != null && !Objects.equals(shown, certificate);
        return new Usability(known, since, doubted, refused + 1, shown, several || another, missed, missedAt);
    }
}
