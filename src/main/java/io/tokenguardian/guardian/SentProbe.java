package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.guardian.NewConnections.Fresh;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A probe that was sent. {@code fresh} is null if it goes over the known connection of a refusing replica. */
record SentProbe(
        int connection,
        @Nullable Fresh fresh,
        ProbeConnection over,
        Instant at,
        CompletableFuture<ProbeResult> result) {

    boolean isNew() {
        return fresh != null;
    }

    /**
     * {@link Instant#MAX} if no result has arrived; {@link Instant#MIN} for a failure of this program, so that the
     * failure is taken first.
     */
    Instant endedAt() {
        if (!result.isDone()) {
            return Instant.MAX;
        }
        return result.isCompletedExceptionally() ? Instant.MIN : result.join().receivedAt();
    }

    private boolean hasResult() {
        return result.isDone() && !result.isCompletedExceptionally();
    }

    boolean isTo(String address) {
        return over.address().equals(address);
    }

    boolean isUnreachable() {
        return hasResult() && result.join().outcome() instanceof ProbeOutcome.Unreachable;
    }

    boolean hasResponse() {
        return hasResult() && !isUnreachable();
    }

    /** Returns when concurrent probes without a response begin to count as silent. This probe must have a response. */
    Instant othersSilentFrom() {
        Instant ended = endedAt();
        return Instants.later(ended.plus(ApiServer.SILENCE), ended.plus(Duration.between(at, ended)));
    }

    Instant silentFrom() {
        return at.plus(ApiServer.SILENCE);
    }
}
