package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that have a place, oldest first, with the questions about each: make before break. Never more than three.
 *
 * <pre>
 *   in use, accepted     stays so as long as it is accepted itself, and no newer one is
 *   on its way           not yet valid, or about to be confirmed: the one that is accepted soonest, so that rotations
 *                        that come faster than tokens become valid don't put every acceptance off
 *   newest               what the file holds
 * </pre>
 *
 * <p>The newest that is accepted is in use; whatever is older goes. A token that is refused for good goes when a newer one
 * comes. One that comes back after a rotation has all newer ones go. For one thread.
 */
final class Rotation implements AutoCloseable {
    private final List<GuardedToken> tokens = new ArrayList<>();

    /** Whether a token that was not accepted has made room for a newer one since the last settling. */
    private boolean displaced;

    /** Takes in what the file holds now. */
    void adopt(Present reading, Function<Present, GuardedToken> inquire, Instant now) {
        int known = indexOf(reading.token());
        if (known >= 0) {
            List<GuardedToken> newer = List.copyOf(tokens.subList(known + 1, tokens.size()));
            close(newer::contains);
            return;
        }
        GuardedToken inUse = inUse(now);
        GuardedToken soonest = soonest(now);
        boolean ended = close(guarded -> !guarded.equals(inUse) && !guarded.equals(soonest));
        displaced |= ended && inUse == null;
        tokens.add(inquire.apply(reading));
    }

    /**
     * Lets go of what no longer matters at {@code now}.
     *
     * @return whether a newer token has taken the place of one before
     */
    boolean settle(Instant now) {
        boolean replaced = displaced;
        displaced = false;
        GuardedToken inUse = inUse(now);
        if (inUse != null) {
            List<GuardedToken> older = List.copyOf(tokens.subList(0, tokens.indexOf(inUse)));
            return close(older::contains) || replaced;
        }
        GuardedToken newest = newest();
        return close(guarded -> !guarded.equals(newest) && !isOnItsWay(guarded, now)) || replaced;
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
        return tokens.isEmpty() ? null : tokens.get(tokens.size() - 1);
    }

    private @Nullable GuardedToken inUse(Instant now) {
        GuardedToken accepted = null;
        for (GuardedToken guarded : tokens) {
            accepted = guarded.isAccepted(now) ? guarded : accepted;
        }
        return accepted;
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
