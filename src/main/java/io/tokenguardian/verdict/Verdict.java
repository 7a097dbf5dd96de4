package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.OffsetInterval;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a token. All instants except {@code from} and {@code until} are on the local timeline.
 *
 * <pre>
 *  Pending, Unreachable ──► each other, NotYetValid, Accepted, Refused, Expired
 *  NotYetValid ──► Accepted, Refused, Expired, Pending, Unreachable
 *  Accepted ──► NotYetValid (another replica, or a clock that was set back), Refused, Expired
 *  Refused, Expired ──► each other, Pending, NotYetValid, Accepted (another result)
 *
 *  Unreadable: no token to probe.
 * </pre>
 */
public sealed interface Verdict {

    /** For the status, the metrics and the log. The words are part of the public contract. */
    Map<Class<? extends Verdict>, String> WORDS = Map.of(
            Pending.class, "pending",
            Accepted.class, "accepted",
            NotYetValid.class, "not-yet-valid",
            Expired.class, "expired",
            Refused.class, "refused",
            Unreadable.class, "unreadable",
            Unreachable.class, "unreachable");

    default String word() {
        return Objects.requireNonNull(WORDS.get(getClass()));
    }

    /** Whether a user sees no difference: the same word and, if unreadable or unreachable, the same explanation. */
    default boolean isAlike(Verdict other) {
        boolean hasReason = this instanceof Unreadable || this instanceof Unreachable;
        return hasReason ? equals(other) : word().equals(other.word());
    }

    /** The results so far do not suffice for another verdict. */
    record Pending() implements Verdict {}

    /**
     * Accepted on the required number of consecutive new connections, and no replica is known to refuse the token; if
     * only clocks judge, valid according to all of them. A guardian that is off accepts every token. {@code at} is the
     * time of the last required acceptance. {@code user} is null if the API server returned none.
     */
    record Accepted(Instant at, @Nullable String user) implements Verdict {
        public static Accepted of(ProbeResult result) {
            return new Accepted(
                    result.receivedAt(),
                    result.outcome() instanceof ProbeOutcome.Authenticated authenticated ? authenticated.user() : null);
        }
    }

    /**
     * A replica refuses the token because the replica's clock has not reached {@code from}. The last three components
     * are null if its responses have no {@code Date}.
     *
     * @param from the first acceptable instant, on the replica's clock
     * @param acceptableAfter the earliest instant at which the replica's clock can reach {@code from}
     * @param acceptableBy the time by which the replica's clock is certain to have reached {@code from}
     * @param clockOffset how far the replica's clock is ahead of the local timeline
     */
    record NotYetValid(
            String address,
            @Nullable String certificate,
            Instant from,
            @Nullable Instant acceptableAfter,
            @Nullable Instant acceptableBy,
            @Nullable OffsetInterval clockOffset)
            implements Verdict {

        /** {@code clock} is null if the replica's responses have no {@code Date}. */
        public static NotYetValid of(
                String address,
                @Nullable String certificate,
                @Nullable ClockEstimate clock,
                Instant from,
                Instant now) {
            return clock == null
                    ? new NotYetValid(address, certificate, from, null, null, null)
                    : new NotYetValid(
                            address, certificate, from, clock.earliest(from), clock.latest(from), clock.boundsAt(now));
        }
    }

    /**
     * A replica has refused the token, and its clock is past the window. {@code until} is the last acceptable instant,
     * on the replica's clock.
     */
    record Expired(String address, @Nullable String certificate, Instant until) implements Verdict {}

    /** Refused for a reason that waiting does not fix, and that a 401 does not give. */
    record Refused(String address, @Nullable String certificate) implements Verdict {
        static Refused of(ProbeResult result) {
            return new Refused(result.address(), result.certificate());
        }
    }

    /** The file contains no token, or can't be read. {@code explanation} is one line that names the file. */
    record Unreadable(String explanation) implements Verdict {}

    /** No response shows whether the token is accepted. {@code explanation} names the address or file at fault. */
    record Unreachable(String explanation) implements Verdict {}
}
