package io.tokenguardian.verdict;

import io.tokenguardian.clock.OffsetInterval;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a token. All instants except {@code from} and {@code until} are on the local timeline.
 *
 * <pre>
 *  Pending, Unreachable ──► each other, NotYetValid, Accepted, Refused, Expired
 *  NotYetValid ──► Accepted, Refused, Expired, Pending, Unreachable
 *  Accepted ──► NotYetValid (another replica, or a clock set back), Refused, Expired
 *  Refused, Expired ──► each other, Pending, NotYetValid, Accepted (another result)
 *
 *  Unreadable: no token to probe.
 * </pre>
 */
public sealed interface Verdict {

    /** All values of {@link #word()}. */
    List<String> WORDS =
            List.of("pending", "accepted", "not-yet-valid", "expired", "refused", "unreadable", "unreachable");

    /** The word for this verdict in the status, the metrics and the log; part of the public contract. */
    String word();

    /** Whether the user sees the same for both: the same word and, without a token or an answer, the same reason. */
    default boolean isAlike(Verdict other) {
        boolean hasReason = this instanceof Unreadable || this instanceof Unreachable;
        return hasReason ? equals(other) : word().equals(other.word());
    }

    /** The results are not enough yet. */
    record Pending() implements Verdict {
        @Override
        public String word() {
            return "pending";
        }
    }

    /**
     * The required number of new connections in a row have accepted the token, and no replica is known to refuse it. A
     * token that is judged only by clocks is valid by all of them. A guardian that is off accepts each token.
     *
     * @param at when the last of them accepted; later probes do not change it
     * @param user the name that the API server has for the bearer; null if it returned none
     */
    record Accepted(Instant at, @Nullable String user) implements Verdict {
        @Override
        public String word() {
            return "accepted";
        }
    }

    /**
     * A replica refuses the token because its own clock has not reached {@code from}.
     *
     * @param address host and port at which the replica was probed
     * @param certificate SHA-256 of that replica's certificate; null if unknown
     * @param from the first acceptable instant, on that replica's clock
     * @param acceptableAfter the earliest instant at which that clock can reach {@code from}; null if the replica's
     *     responses have no {@code Date}
     * @param acceptableBy when that clock has certainly reached {@code from}; null in the same case
     * @param clockOffset how far that clock is ahead of the local timeline; null in the same case
     */
    record NotYetValid(
            String address,
            @Nullable String certificate,
            Instant from,
            @Nullable Instant acceptableAfter,
            @Nullable Instant acceptableBy,
            @Nullable OffsetInterval clockOffset)
            implements Verdict {
        @Override
        public String word() {
            return "not-yet-valid";
        }
    }

    /**
     * A replica has refused the token, and its clock is past the window. A token that is judged only by clocks is
     * expired once one of them may be past the window.
     *
     * @param certificate SHA-256 of the replica's certificate; null if unknown
     * @param until the last acceptable instant, on the replica's clock
     */
    record Expired(String address, @Nullable String certificate, Instant until) implements Verdict {
        @Override
        public String word() {
            return "expired";
        }
    }

    /**
     * Refused for a reason that waiting does not fix.
     *
     * @param certificate SHA-256 of the replica's certificate; null if unknown
     * @param reason the reason in a TokenReview, or that the token is for another audience; null for a 401, and for a
     *     TokenReview without a reason that can be shown
     */
    record Refused(
            String address,
            @Nullable String certificate,
            @Nullable String reason) implements Verdict {
        public Refused(String address) {
            this(address, null, null);
        }

        @Override
        public String word() {
            return "refused";
        }
    }

    /**
     * The file holds no token.
     *
     * @param explanation one line that names the file
     */
    record Unreadable(String explanation) implements Verdict {
        @Override
        public String word() {
            return "unreadable";
        }
    }

    /**
     * No response that shows whether the token is accepted.
     *
     * @param explanation one line that names the address or file at fault
     */
    record Unreachable(String explanation) implements Verdict {
        @Override
        public String word() {
            return "unreachable";
        }
    }
}
