package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that have a place, oldest first, with the questions about each: make before break. Never more than
 * {@link #MOST}.
 *
 * <pre>
 *   accepted             the newest so many: of those that no replica's clock puts in doubt, the newest is in use; where
 *                        all are in doubt, the newest
 *   on its way           not yet valid, or about to be confirmed: the one that is accepted soonest, so that rotations
 *                        that come faster than tokens become valid don't put every acceptance off
 *   newest               what the file holds
 * </pre>
 *
 * <p>What is older than the newest accepted one, and not accepted itself, goes. A token that is refused for good goes when
 * a newer one comes. One that comes back after a rotation has all newer ones go. For one thread.
 */
final class Rotation implements AutoCloseable {
    /**
     * The accepted tokens that are kept: the newest and two before it, for a replica that is set back and refuses the newest
     * again. One would not do: promotions may be closer together than such a step is long, and then it refuses both.
     */
    static final int ACCEPTED = 3;

    /** The accepted ones, the one on its way, and the newest. */
    static final int MOST = ACCEPTED + 2;

    private final List<GuardedToken> tokens = new ArrayList<>();

    /** Those that have been the newest accepted one: each counts as a rotation once. */
    private final Set<GuardedToken> promoted = new HashSet<>();

    /** Whether a token has made room for another since the last settling without an acceptance. */
    private boolean displaced;

    private @Nullable GuardedToken lastInUse;

    /** Takes in what the file holds now. */
    void adopt(Present reading, Function<Present, GuardedToken> inquire, Instant now) {
        int known = indexOf(reading.token());
        if (known >= 0) {
            List<GuardedToken> newer = List.copyOf(tokens.subList(known + 1, tokens.size()));
            displaced |= newer.stream().anyMatch(promoted::contains);
            close(newer::contains);
            return;
        }
        List<GuardedToken> accepted = accepted(now);
        GuardedToken soonest = soonest(now);
        boolean ended = close(guarded -> !accepted.contains(guarded) && !guarded.equals(soonest));
        displaced |= ended && accepted.isEmpty();
        tokens.add(inquire.apply(reading));
    }

    /** Takes in an answer about any token: its {@code Date} may put accepted ones in doubt. */
    void hear(Answer answer) {
        tokens.forEach(guarded -> guarded.hear(answer));
    }

    /**
     * Lets go of what no longer matters at {@code now}, and has a token that is in use again asked about.
     *
     * @return whether a newer token has taken the place of one before, or the file has gone back to an older one; not when
     *     an older one is in use for a while because of a replica's clock
     */
    boolean settle(Instant now) {
        boolean replaced = displaced;
        displaced = false;
        List<GuardedToken> accepted = accepted(now);
        GuardedToken newestAccepted = last(accepted);
        if (newestAccepted == null) {
            return letGoWhileNoneIsAccepted(now) || replaced;
        }
        boolean first = promoted.add(newestAccepted);
        int place = tokens.indexOf(newestAccepted);
        List<GuardedToken> kept = accepted.subList(Math.max(0, accepted.size() - ACCEPTED), accepted.size());
        List<GuardedToken> older = List.copyOf(tokens.subList(0, place));
        close(guarded -> older.contains(guarded) && !kept.contains(guarded));
        askAboutReturned(inUse(now), first ? newestAccepted : null);
        return (first && place > 0) || replaced;
    }

    private boolean letGoWhileNoneIsAccepted(Instant now) {
        GuardedToken newest = newest();
        Predicate<GuardedToken> ended = guarded -> !guarded.equals(newest) && !isOnItsWay(guarded, now);
        GuardedToken front = last(tokens.stream().filter(promoted::contains).toList());
        // Those before it have been counted when it was promoted.
        boolean replaced = tokens.subList(Math.max(0, tokens.indexOf(front)), tokens.size()).stream()
                .anyMatch(ended);
        close(ended);
        return replaced;
    }

    /** Its last answer may be old by now. */
    private void askAboutReturned(@Nullable GuardedToken inUse, @Nullable GuardedToken justPromoted) {
        if (inUse != null && !inUse.equals(lastInUse) && !inUse.equals(justPromoted)) {
            inUse.askSoon();
        }
        lastInUse = inUse;
    }

    /** When doubt ends that may change which token is in use, after {@code now}; far away when there is none. */
    Instant nextSettle(Instant now) {
        return tokens.stream()
                .map(guarded -> guarded.doubt(now))
                .filter(Objects::nonNull)
                .map(Verdict.NotYetValid::acceptableBy)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /**
     * The one that the verdict is about: the one in use; else, while nothing is known of the newest, that one; else the one
     * that is accepted soonest. Null while there is none.
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

    /** The newest, where that is not the current one; else null. */
    @Nullable
    GuardedToken candidate(Instant now) {
        GuardedToken newest = newest();
        return newest == null || newest.equals(current(now)) ? null : newest;
    }

    /** All that there are questions about. */
    List<GuardedToken> all() {
        return List.copyOf(tokens);
    }

    private @Nullable GuardedToken newest() {
        return last(tokens);
    }

    private static @Nullable GuardedToken last(List<GuardedToken> oldestFirst) {
        return oldestFirst.isEmpty() ? null : oldestFirst.get(oldestFirst.size() - 1);
    }

    private @Nullable GuardedToken inUse(Instant now) {
        List<GuardedToken> accepted = accepted(now);
        GuardedToken undoubted = last(
                accepted.stream().filter(guarded -> guarded.doubt(now) == null).toList());
        return undoubted == null ? last(accepted) : undoubted;
    }

    private List<GuardedToken> accepted(Instant now) {
        return tokens.stream().filter(guarded -> guarded.isAccepted(now)).toList();
    }

    private @Nullable GuardedToken soonest(Instant now) {
        return tokens.stream()
                .filter(guarded -> isOnItsWay(guarded, now))
                .min(Comparator.comparing(guarded -> acceptableBy(guarded, now)))
                .orElse(null);
    }

    /** Not yet valid, or about to be confirmed. */
    private static boolean isOnItsWay(GuardedToken guarded, Instant now) {
        Verdict verdict = guarded.verdict(now);
        return verdict instanceof Verdict.NotYetValid || verdict instanceof Verdict.Pending;
    }

    /** Of an older one that is pending the last refuser has just accepted; of the newest nothing is known then. */
    private Instant acceptableBy(GuardedToken guarded, Instant now) {
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
