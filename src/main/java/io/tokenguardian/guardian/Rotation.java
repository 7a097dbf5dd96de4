package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading.Present;
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
 * The tokens that the guardian tracks, oldest first, each with its probe. At most {@link #MAX_TOKENS}.
 *
 * <pre>
 *   accepted   the newest of these are kept. In use is the newest that no replica's clock puts in doubt; if all are in
 *              doubt, the newest. If none is accepted, none is in use: requests go out with the newest that some
 *              replica accepts.
 *   partly     only some replicas accept it. The newest of these are kept while no newer token is accepted.
 *   waiting    not yet valid, or pending. The one that will be accepted soonest is kept. Otherwise no token would be
 *              accepted if rotations came faster than tokens become valid.
 *   newest     the token that the file holds.
 * </pre>
 *
 * <p>A token that is older than the newest accepted one, and not accepted itself, is removed. A token that is refused
 * for good is removed when a newer one is read. When an older token is read again, newer ones are removed. Not
 * thread-safe.
 */
final class Rotation implements AutoCloseable {
    /**
     * How many accepted tokens are kept: the newest, and two before it in case a replica's clock is set back and the
     * replica refuses the newest again. One before it is not enough: if two rotations lie closer together than the
     * clock is set back, the replica refuses both tokens.
     */
    static final int MAX_ACCEPTED = 3;

    /** How many tokens that only some replicas accept are kept besides. */
    static final int MAX_PARTLY_ACCEPTED = 2;

    /** The tokens that all or some replicas accept, the waiting token, and the newest. */
    static final int MAX_TOKENS = MAX_ACCEPTED + MAX_PARTLY_ACCEPTED + 2;

    private final List<GuardedToken> tokens = new ArrayList<>();

    /** The tokens that have been the newest accepted one. Each counts as a rotation at most once. */
    private final Set<GuardedToken> promoted = new HashSet<>();

    /** Whether {@link #onReading} has replaced a token since the last {@link #update}; that is a rotation. */
    private boolean displaced;

    private @Nullable GuardedToken lastInUse;

    /** Takes the token that the file holds now. */
    void onReading(Present reading, Function<Present, GuardedToken> newGuardedToken, Instant now) {
        int known = indexOf(reading.token());
        if (known >= 0) {
            List<GuardedToken> newer = List.copyOf(tokens.subList(known + 1, tokens.size()));
            displaced |= newer.stream().anyMatch(promoted::contains);
            close(newer::contains);
            return;
        }
        List<GuardedToken> accepted = accepted(now);
        GuardedToken soonest = soonest(now);
        List<GuardedToken> partly = lastOf(usable(now), MAX_PARTLY_ACCEPTED);
        boolean ended =
                close(guarded -> !accepted.contains(guarded) && !partly.contains(guarded) && !guarded.equals(soonest));
        displaced |= ended && accepted.isEmpty();
        tokens.add(newGuardedToken.apply(reading));
    }

    /** Takes the result of a probe of any token: its {@code Date} may put accepted tokens in doubt. */
    void onResult(ProbeResult answer) {
        tokens.forEach(guarded -> guarded.onResult(answer));
    }

    /**
     * Removes the tokens not needed any more at {@code now}, and schedules a probe of one that is in use again.
     *
     * @return whether a newer token has replaced the token before, or the file has gone back to an older one; false
     *     when an older token is in use temporarily because of a replica's clock
     */
    boolean update(Instant now) {
        boolean replaced = displaced;
        displaced = false;
        List<GuardedToken> accepted = accepted(now);
        GuardedToken newestAccepted = last(accepted);
        if (newestAccepted == null) {
            return removeWhileNoneIsAccepted(now) || replaced;
        }
        boolean first = promoted.add(newestAccepted);
        int index = tokens.indexOf(newestAccepted);
        List<GuardedToken> kept = lastOf(accepted, MAX_ACCEPTED);
        List<GuardedToken> older = List.copyOf(tokens.subList(0, index));
        close(guarded -> older.contains(guarded) && !kept.contains(guarded));
        recheckReturned(inUse(now), first ? newestAccepted : null);
        return (first && index > 0) || replaced;
    }

    private boolean removeWhileNoneIsAccepted(Instant now) {
        GuardedToken newest = newest();
        Predicate<GuardedToken> ended =
                guarded -> !guarded.equals(newest) && !isWaiting(guarded, now) && !guarded.isUsable(now);
        GuardedToken lastPromoted =
                last(tokens.stream().filter(promoted::contains).toList());
        // The removal of this token or a newer one is a new rotation. Older ones were replaced when this was promoted.
        boolean replaced = tokens.subList(Math.max(0, tokens.indexOf(lastPromoted)), tokens.size()).stream()
                .anyMatch(ended);
        close(ended);
        return replaced;
    }

    /** Schedules a probe of a token that is in use again: its last result may be old. */
    private void recheckReturned(@Nullable GuardedToken inUse, @Nullable GuardedToken justPromoted) {
        if (inUse != null && !inUse.equals(lastInUse) && !inUse.equals(justPromoted)) {
            inUse.scheduleExtraProbe();
        }
        lastInUse = inUse;
    }

    /** The next end of a doubt, which may change the token in use; {@link Instant#MAX} for never. */
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
     * The token that the verdict is about: the token in use. If none is in use: the newest while its verdict is
     * pending, else the token that will be accepted soonest, or the newest if none will. Null without a token.
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

    /** The newest token, if it is not the current one; else null. */
    @Nullable
    GuardedToken candidate(Instant now) {
        GuardedToken newest = newest();
        return newest == null || newest.equals(current(now)) ? null : newest;
    }

    /** All tracked tokens, oldest first. */
    List<GuardedToken> all() {
        return List.copyOf(tokens);
    }

    private @Nullable GuardedToken newest() {
        return last(tokens);
    }

    private static @Nullable GuardedToken last(List<GuardedToken> oldestFirst) {
        return oldestFirst.isEmpty() ? null : oldestFirst.get(oldestFirst.size() - 1);
    }

    /**
     * The tokens to send, the best first: the accepted one in use, then each that some replica accepts. Of these the
     * token that the fewest replicas refuse is the first, and the newest of equals. At the end of a token's life there
     * may be none that all replicas accept.
     */
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

    /** Whether the verdict is not yet valid, or pending. */
    private static boolean isWaiting(GuardedToken guarded, Instant now) {
        Verdict verdict = guarded.verdict(now);
        return verdict instanceof Verdict.NotYetValid || verdict instanceof Verdict.Pending;
    }

    /**
     * Orders the waiting tokens. A pending older token comes first: its last refusing replica has just accepted it. A
     * pending newest token comes last: nothing is known about it.
     */
    private Instant waitingOrder(GuardedToken guarded, Instant now) {
        Verdict verdict = guarded.verdict(now);
        if (verdict instanceof Verdict.NotYetValid notYet) {
            return notYet.acceptableBy() == null ? Instant.MAX : notYet.acceptableBy();
        }
        return guarded.equals(newest()) ? Instant.MAX : Instant.MIN;
    }

    private int indexOf(Token token) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).token().equals(token)) {
                return i;
            }
        }
        return -1;
    }

    private boolean close(Predicate<GuardedToken> ended) {
        return tokens.removeIf(guarded -> {
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
