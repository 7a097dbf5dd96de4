package io.tokenguardian.verdict;

import io.tokenguardian.clock.OffsetInterval;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a token. All instants but {@code from} and {@code until} are on the local time line.
 *
 * <pre>
 *                 ┌────────────► Unreachable ◄───────────┐
 *                 ▼                                       ▼
 *  Pending ──► NotYetValid ──────────────────────────► Accepted ──► NotYetValid (a replica not met before)
 *     │  └───────────────────────────────────────────────▲ │
 *     └──────► Refused, Expired ──(another answer)───────┘ └──────► Refused, Expired
 *
 *  Unreadable: there is no token to ask about.
 * </pre>
 */
public sealed interface Verdict {

    /** Every {@link #word()} there is. */
    List<String> WORDS =
            List.of("pending", "accepted", "not-yet-valid", "expired", "refused", "unreadable", "unreachable");

    /** The contract's word for the verdict, in the status, the metrics and the log. */
    String word();

    /** Not enough answers yet. */
    record Pending() implements Verdict {
        @Override
        public String word() {
            return "pending";
        }
    }

    /**
     * As many replicas in a row as were asked for have accepted the token, and no replica is known to refuse it.
     *
     * @param at when the last of them did, the first time round
     * @param user the name the API server knows the bearer by; null where it did not say
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
     * @param address the replica that will be the last to accept
     * @param from the first acceptable instant, on that replica's clock
     * @param acceptableAfter before this that clock can't have reached it; null when the replica's answers carry no
     *     {@code Date}
     * @param acceptableBy when that clock will have reached it for certain; null likewise
     * @param clockOffset that clock against the local time line; null likewise
     */
    record NotYetValid(
            String address,
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
     * Refused by a replica whose clock is past the window.
     *
     * @param until the last acceptable instant, on the replica's clock
     */
    record Expired(String address, Instant until) implements Verdict {
        @Override
        public String word() {
            return "expired";
        }
    }

    /**
     * Refused for a reason that time does not heal.
     *
     * @param reason why, where anybody tells, which no 401 does; else null
     */
    record Refused(String address, @Nullable String reason) implements Verdict {
        public Refused(String address) {
            this(address, null);
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
     * No answer to the question.
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
