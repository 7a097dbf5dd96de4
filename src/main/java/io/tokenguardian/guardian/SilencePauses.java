package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.guardian.SentProbes.Ended;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import java.time.Instant;

/** The pauses after probes of one token that got no usable response. Not thread-safe. */
final class SilencePauses {
    /** When the last probe without a usable response ended. */
    private Instant unansweredAt = Instant.MIN;

    private Instant pausedUntil = Instant.MIN;
    private Instant retryAfter = Instant.MIN;

    /** Concurrent probes wait until this pause ends or a later probe gets a response. */
    Instant pausedUntil() {
        return pausedUntil;
    }

    /** The end of the longest {@code Retry-After}. No new connection is opened before then. */
    Instant retryAfter() {
        return retryAfter;
    }

    void take(Ended ended, JudgedResult judged, Instant pauseEnd) {
        ProbeResult result = judged.result();
        if (result.outcome() instanceof ProbeOutcome.Unavailable unavailable && unavailable.retryAfter() != null) {
            retryAfter = Instants.later(retryAfter, result.receivedAt().plus(unavailable.retryAfter()));
        }
        if (ended.isNew()
                ? judged.finding() == Finding.UNREACHABLE
                : result.outcome() instanceof ProbeOutcome.Unavailable) {
            unansweredAt = result.receivedAt();
            pausedUntil = pauseEnd;
        } else if (!result.sentAt().isBefore(unansweredAt)) {
            pausedUntil = Instant.MIN;
        }
    }
}
