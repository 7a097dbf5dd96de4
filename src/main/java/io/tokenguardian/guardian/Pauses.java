package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.verdict.EndedProbe;
import io.tokenguardian.verdict.Series;
import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** The pauses between the probes of one token that its results require. Not thread-safe. */
final class Pauses {
    /** After a refusal that may have ended already: a 401 from just before the window began, or one to confirm. */
    static final Backoff CROSSING = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(10));

    /** After a probe without a response, or after a refusal by a replica whose clock is unknown. */
    static final Backoff UNREACHABLE = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10));

    /** After a refusal that waiting does not fix. */
    static final Backoff REFUSED = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    /** Limits the pauses to 2 s while one replica does not respond and others accept: it may be back soon. */
    private static final int MOST_SETBACKS_BESIDE_ACCEPTANCE = 3;

    private final DoubleSupplier chance;

    /** Results without progress since the token was accepted or since a refusal whose end is known. */
    private int setbacks;

    private Instant end = Instant.MIN;
    private Instant unansweredAt = Instant.MIN; // when the last probe without a usable response ended
    private Instant silenceEnd = Instant.MIN;
    private Instant retryAfter = Instant.MIN;

    Pauses(DoubleSupplier chance) {
        this.chance = chance;
    }

    Instant end() {
        return end;
    }

    /**
     * Returns the end of the pause after no response. A response to a later probe over a new connection ends it too.
     */
    Instant silenceEnd() {
        return silenceEnd;
    }

    Instant retryAfter() {
        return retryAfter;
    }

    void takeResponse(EndedProbe ended, Finding finding) {
        ProbeResult result = ended.result();
        Instant at = result.receivedAt();
        Duration requested = result.outcome().retryAfter();
        if (requested != null) {
            retryAfter = Instants.later(retryAfter, at.plus(Backoff.lengthened(requested, chance)));
        }
        if (finding == Finding.UNREACHABLE && (ended.isNew() || ended.open())) {
            // Concurrent failures count as one, if no other pause has begun in between.
            boolean concurrent = end.equals(silenceEnd) && result.sentAt().isBefore(unansweredAt);
            setbacks += concurrent ? 0 : 1;
            unansweredAt = at;
            end = at.plus(UNREACHABLE.pause(setbacks, chance));
            silenceEnd = end;
        } else if (ended.isNew() && !result.sentAt().isBefore(unansweredAt)) {
            silenceEnd = Instant.MIN;
        }
    }

    /**
     * After the first of several consecutive acceptances, the current pause continues. While a replica is known to
     * refuse the token as not yet valid, acceptances are not counted, so each is followed by a pause.
     */
    void takeAcceptance(Instant at, Series after) {
        setbacks = after.accepted() == null ? Math.min(setbacks, MOST_SETBACKS_BESIDE_ACCEPTANCE) : 0;
        Series.Refusal refusal = after.refusal();
        if (refusal == null || after.confirmed() > 1) {
            end = at;
        } else if (after.confirmed() == 0) {
            end = at.plus(REFUSED.pause(refusal.inARow(), chance));
        }
    }

    /** The next probe waits for a pause only if the refusal should already have ended, or if the clock is unknown. */
    void takeNotYetValid(Instant at, @Nullable Instant date, @Nullable Instant from) {
        if (date != null && from != null && date.isBefore(from)) {
            setbacks = 0;
            end = at;
        } else {
            setbacks++;
            end = at.plus((date == null ? UNREACHABLE : CROSSING).pause(setbacks, chance));
        }
    }

    void takeRefusal(Instant at, Series.Refusal refusal) {
        setbacks++;
        end = at.plus((refusal.counts() ? REFUSED : CROSSING).pause(refusal.inARow(), chance));
    }
}
