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
    private final List<Inquiry> inquiries = new ArrayList<>();

    /** Whether a token that was not accepted has made room for a newer one since the last settling. */
    private boolean displaced;

    /** Takes in what the file holds now. */
    void adopt(Present reading, Function<Present, Inquiry> inquire, Instant now) {
        int known = indexOf(reading.token());
        if (known >= 0) {
            List<Inquiry> newer = List.copyOf(inquiries.subList(known + 1, inquiries.size()));
            close(newer::contains);
            return;
        }
        Inquiry inUse = inUse(now);
        Inquiry soonest = soonest(now);
        boolean ended = close(inquiry -> !inquiry.equals(inUse) && !inquiry.equals(soonest));
        displaced |= ended && inUse == null;
        inquiries.add(inquire.apply(reading));
    }

    /**
     * Lets go of what no longer matters at {@code now}.
     *
     * @return whether a newer token has taken the place of one before
     */
    boolean settle(Instant now) {
        boolean replaced = displaced;
        displaced = false;
        Inquiry inUse = inUse(now);
        if (inUse != null) {
            List<Inquiry> older = List.copyOf(inquiries.subList(0, inquiries.indexOf(inUse)));
            return close(older::contains) || replaced;
        }
        Inquiry newest = newest();
        return close(inquiry -> !inquiry.equals(newest) && !isOnItsWay(inquiry, now)) || replaced;
    }

    /**
     * The one that the verdict is about: the one in use; else, while nothing is known of the newest, that one; else the one
     * that is accepted soonest. Null while there is none.
     */
    @Nullable
    Inquiry current(Instant now) {
        Inquiry inUse = inUse(now);
        Inquiry newest = newest();
        if (inUse != null || newest == null || verdict(newest, now) instanceof Verdict.Pending) {
            return inUse == null ? newest : inUse;
        }
        Inquiry soonest = soonest(now);
        return soonest == null ? newest : soonest;
    }

    /** The newest, where that is not the current one; else null. */
    @Nullable
    Inquiry candidate(Instant now) {
        Inquiry newest = newest();
        return newest == null || newest.equals(current(now)) ? null : newest;
    }

    /** All that there are questions about. */
    List<Inquiry> all() {
        return List.copyOf(inquiries);
    }

    private @Nullable Inquiry newest() {
        return inquiries.isEmpty() ? null : inquiries.get(inquiries.size() - 1);
    }

    private @Nullable Inquiry inUse(Instant now) {
        Inquiry accepted = null;
        for (Inquiry inquiry : inquiries) {
            accepted = inquiry.isAccepted(now) ? inquiry : accepted;
        }
        return accepted;
    }

    private @Nullable Inquiry soonest(Instant now) {
        return inquiries.stream()
                .filter(inquiry -> isOnItsWay(inquiry, now))
                .min(Comparator.comparing(inquiry -> acceptableBy(inquiry, now)))
                .orElse(null);
    }

    /** Not yet valid, or about to be confirmed. */
    private static boolean isOnItsWay(Inquiry inquiry, Instant now) {
        Verdict verdict = verdict(inquiry, now);
        return verdict instanceof Verdict.NotYetValid || verdict instanceof Verdict.Pending;
    }

    /** Of an older one that is pending the last refuser has just accepted; of the newest nothing is known then. */
    private Instant acceptableBy(Inquiry inquiry, Instant now) {
        Verdict verdict = verdict(inquiry, now);
        if (verdict instanceof Verdict.NotYetValid notYet) {
            return notYet.acceptableBy() == null ? Instant.MAX : notYet.acceptableBy();
        }
        return inquiry.equals(newest()) ? Instant.MAX : Instant.MIN;
    }

    private static Verdict verdict(Inquiry inquiry, Instant now) {
        return inquiry.judgement(now).verdict();
    }

    private int indexOf(Token token) {
        for (int i = 0; i < inquiries.size(); i++) {
            if (inquiries.get(i).token().equals(token)) {
                return i;
            }
        }
        return -1;
    }

    private boolean close(Predicate<Inquiry> ended) {
        return inquiries.removeIf(inquiry -> {
            boolean ends = ended.test(inquiry);
            if (ends) {
                inquiry.close();
            }
            return ends;
        });
    }

    @Override
    public void close() {
        close(inquiry -> true);
    }
}
