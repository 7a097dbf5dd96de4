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

/**
 * A probe that was sent, with or without its result.
 *
 * @param connection the number of its connection
 * @param fresh the new connection; null if the probe goes over the known connection of a refusing replica
 * @param at when the probe was sent
 */
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
     * Returns when the result arrived; {@link Instant#MAX} if it has not arrived. For a failure of this program,
     * returns {@link Instant#MIN}, so that the failure is taken first.
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

    /**
     * Returns when concurrent probes without a response begin to count as silent. Call this only if this probe has a
     * response.
     */
    Instant othersSilentFrom() {
        Instant ended = endedAt();
        return Instants.later(ended.plus(ApiServer.SILENCE), ended.plus(Duration.between(at, ended)));
    }

    Instant silentFrom() {
        return at.plus(ApiServer.SILENCE);
    }
}
