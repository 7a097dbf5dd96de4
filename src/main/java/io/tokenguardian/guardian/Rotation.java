package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that the guardian tracks, oldest first, each with its probe. Not thread-safe.
 *
 * <pre>
 *   accepted   the newest of these are kept. The newest that no replica's clock puts in doubt is in use; if all are in
 *              doubt, the newest is. If none is accepted, requests are sent with the usable token that the fewest
 *              replicas refuse.
 *   partly     accepted by only some replicas. The newest of these are kept while no newer token is accepted.
 *   waiting    not yet valid, or pending. The token that will be accepted soonest is kept. Otherwise, no token would be
 *              accepted if rotations came faster than tokens become valid.
 *   newest     the token in the file.
 * </pre>
 *
 * <p>A token that is not accepted, or is over, is removed if it is older than the newest accepted token. A token that
 * is refused permanently is removed when a newer token is read. When an older token is read again, newer tokens are
 * removed.
 */
final class Rotation implements AutoCloseable {
    /**
     * The newest, and two older tokens in case a replica's clock is set back. One older token is not enough: if two
     * rotations are closer together than the clock is set back, the replica refuses both kept tokens.
     */
    static final int MAX_ACCEPTED = 3;

    static final int MAX_PARTLY_ACCEPTED = 2;

    private final List<GuardedToken> tokens = new ArrayList<>();

    /** The tokens that have at some time been the newest accepted token. Each but the first was a rotation. */
    private final Set<GuardedToken> promoted = new HashSet<>();

    private long rotations = -1;

    private @Nullable GuardedToken lastInUse;

    void onReading(Present reading, Function<Present, GuardedToken> newGuardedToken, Instant now) {
        int known = tokens.stream().map(GuardedToken::token).toList().indexOf(reading.token());
        if (known >= 0) {
            List<GuardedToken> newer = List.copyOf(tokens.subList(known + 1, tokens.size()));
            close(newer::contains);
            return;
        }
        List<GuardedToken> accepted = accepted(now);
        GuardedToken soonest = soonest(now);
        List<GuardedToken> partly = lastOf(usable(now), MAX_PARTLY_ACCEPTED);
        close(guarded -> !accepted.contains(guarded) && !partly.contains(guarded) && !guarded.equals(soonest));
        tokens.add(newGuardedToken.apply(reading));
    }

    /** Removes the tokens that are no longer needed. */
    void update(Instant now) {
        List<GuardedToken> accepted = accepted(now);
        GuardedToken newestAccepted = last(accepted);
        if (newestAccepted == null) {
            close(guarded -> !guarded.equals(newest()) && !isWaiting(guarded, now) && !guarded.isUsable(now));
            return;
        }
        boolean first = promoted.add(newestAccepted);
        rotations += first ? 1 : 0;
        List<GuardedToken> kept = lastOf(accepted, MAX_ACCEPTED);
        List<GuardedToken> older = List.copyOf(tokens.subList(0, tokens.indexOf(newestAccepted)));
        close(guarded ->
                older.contains(guarded) && (!kept.contains(guarded) || !now.isBefore(Judge.overAt(guarded.window()))));
        recheckReturned(inUse(now), first ? newestAccepted : null);
    }

    /** Returns how many tokens have been accepted in place of an older token. */
    long rotations() {
        return Math.max(0, rotations);
    }

    /** Schedules a probe of a token that is once again in use, because its last result may be old. */
    private void recheckReturned(@Nullable GuardedToken inUse, @Nullable GuardedToken justPromoted) {
        if (inUse != null && !inUse.equals(lastInUse) && !inUse.equals(justPromoted)) {
            inUse.scheduleExtraProbe();
        }
        lastInUse = inUse;
    }

    /** Returns when a token next ceases to be in doubt, which may put it into use; {@link Instant#MAX} if never. */
    Instant nextUpdate(Instant now) {
        return tokens.stream()
                .map(guarded -> guarded.provenRefusal(now))
                .filter(Objects::nonNull)
                .map(Verdict.NotYetValid::acceptableBy)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /**
     * Returns the token that the verdict is about: the token in use. If none is in use, it is the newest token while
     * its verdict is pending; otherwise the token that will be accepted soonest, or the newest if none is waiting. Null
     * if no token is tracked.
     */
    @Nullable
    GuardedToken current(Instant now) {
        GuardedToken inUse = inUse(now);
        GuardedToken newest = newest();
        if (inUse != null || newest == null || newest.verdict(now) instanceof Verdict.Pending) {
            return inUse == null ? newest : inUse;
        }
        GuardedToken soonest = soonest(now);
        return soonest == null ? newest : soonest;
    }

    @Nullable
    GuardedToken candidate(Instant now) {
        GuardedToken newest = newest();
        return newest == null || newest.equals(current(now)) ? null : newest;
    }

    /** Returns all tracked tokens, oldest first. */
    List<GuardedToken> all() {
        return List.copyOf(tokens);
    }

    private @Nullable GuardedToken newest() {
        return last(tokens);
    }

    private static @Nullable GuardedToken last(List<GuardedToken> oldestFirst) {
        return oldestFirst.isEmpty() ? null : oldestFirst.get(oldestFirst.size() - 1);
    }

    /** Returns the tokens to send, best first. A token near its end may be accepted by only some replicas. */
    List<Token> usableTokens(Instant now) {
        List<GuardedToken> usable = new ArrayList<>(usable(now));
        Collections.reverse(usable);
        usable.sort(Comparator.comparingInt(guarded -> guarded.refusers(now)));
        GuardedToken inUse = inUse(now);
        if (inUse != null) {
            usable.remove(inUse);
            usable.add(0, inUse);
        }
        return usable.stream().map(GuardedToken::token).toList();
    }

    private List<GuardedToken> usable(Instant now) {
        return tokens.stream().filter(guarded -> guarded.isUsable(now)).toList();
    }

    private static List<GuardedToken> lastOf(List<GuardedToken> oldestFirst, int count) {
        return oldestFirst.subList(Math.max(0, oldestFirst.size() - count), oldestFirst.size());
    }

    private @Nullable GuardedToken inUse(Instant now) {
        List<GuardedToken> accepted = accepted(now);
        GuardedToken undoubted = last(accepted.stream()
                .filter(guarded -> guarded.provenRefusal(now) == null)
                .toList());
        return undoubted == null ? last(accepted) : undoubted;
    }

    private List<GuardedToken> accepted(Instant now) {
        return tokens.stream().filter(guarded -> guarded.isAccepted(now)).toList();
    }

    private @Nullable GuardedToken soonest(Instant now) {
        return tokens.stream()
                .filter(guarded -> isWaiting(guarded, now))
                .min(Comparator.comparing(guarded -> waitingOrder(guarded, now)))
                .orElse(null);
    }

    private static boolean isWaiting(GuardedToken guarded, Instant now) {
        Verdict verdict = guarded.verdict(now);
        return verdict instanceof Verdict.NotYetValid || verdict instanceof Verdict.Pending;
    }

    /**
     * Returns the sort key of a waiting token. An older token that is pending comes first, because its last refusing
     * replica has just accepted it. The newest token comes last if it is pending, because nothing is known about it.
     */
    private Instant waitingOrder(GuardedToken guarded, Instant now) {
        Verdict verdict = guarded.verdict(now);
        if (verdict instanceof Verdict.NotYetValid notYet) {
            return notYet.acceptableBy() == null ? Instant.MAX : notYet.acceptableBy();
        }
        return guarded.equals(newest()) ? Instant.MAX : Instant.MIN;
    }

    private void close(Predicate<GuardedToken> ended) {
        tokens.removeIf(guarded -> {
            boolean ends = ended.test(guarded);
            if (ends) {
                promoted.remove(guarded);
                guarded.close();
            }
            return ends;
        });
    }

    @Override
    public void close() {
        close(guarded -> true);
    }
}
