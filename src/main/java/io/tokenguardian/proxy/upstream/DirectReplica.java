package io.tokenguardian.proxy.upstream;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Whether an event loop may connect to a discovered replica's own address. The guardian's probes show which tokens the
 * replica accepts, unless a later 401 shows otherwise.
 */
final class DirectReplica {
    /** How long an address is left unused after a failed connection. Linkerd's proxy uses the same limits. */
    static final Backoff PAUSES = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** The longest time for which a refusal outweighs the guardian's probes. The replica's clock may have changed. */
    static final long REFUSED_FOR = Duration.ofMinutes(1).toNanos();

    private final ApiServer.Discovered replica;
    private final UpstreamConnector connector;
    private final LongSupplier nanoTime;
    private final DoubleSupplier chance;
    private final Map<Token, Long> refusedUntil = new HashMap<>();
    private int failures;
    private long failedAt;
    private long pausedUntil;

    /** Whether a connection attempt after a failure is in progress. Only one at a time is allowed. */
    private boolean trying;

    DirectReplica(
            ApiServer.Discovered replica, UpstreamConnector connector, LongSupplier nanoTime, DoubleSupplier chance) {
        this.replica = replica;
        this.connector = connector;
        this.nanoTime = nanoTime;
        this.chance = chance;
    }

    ApiServer.Discovered replica() {
        return replica;
    }

    UpstreamConnector connector() {
        return connector;
    }

    boolean accepts(Token token) {
        return replica.accepts(token) && !isRefused(token);
    }

    private boolean isRefused(Token token) {
        Long until = refusedUntil.isEmpty() ? null : refusedUntil.get(token);
        return until != null && nanoTime.getAsLong() - until < 0;
    }

    /**
     * Records a refusal, which applies until the replica's clock is certain to have reached the acceptance time. An
     * acceptance over another connection does not end it, because an address may lead to several replicas.
     */
    void refused(TokenRefusal refusal) {
        long now = nanoTime.getAsLong();
        refusedUntil.values().removeIf(until -> now - until >= 0);
        ValidityStart start = refusal.validityStart();
        long left = start == null ? REFUSED_FOR : Math.min(start.latest() - now, REFUSED_FOR);
        refusedUntil.put(refusal.token(), now + left);
    }

    boolean isOpenTo(List<Token> usable) {
        boolean paused = failures > 0 && (trying || nanoTime.getAsLong() - pausedUntil < 0);
        return !paused && usable.stream().anyMatch(this::accepts);
    }

    /** Whether a connection has failed since {@code moment}, and none has succeeded after that. */
    boolean hasFailedSince(long moment) {
        return failures > 0 && failedAt - moment >= 0;
    }

    /** Returns when the connection attempt began. */
    long begin() {
        trying = failures > 0;
        return nanoTime.getAsLong();
    }

    void connected() {
        failures = 0;
        trying = false;
    }

    /** An attempt that began before the last failure is not counted as another failure. */
    void failed(long begun) {
        if (failures == 0 || begun - failedAt > 0) {
            failures++;
            trying = false;
            failedAt = nanoTime.getAsLong();
            pausedUntil = failedAt + PAUSES.pause(failures, chance).toNanos();
        }
    }
}
