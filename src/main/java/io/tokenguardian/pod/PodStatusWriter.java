package io.tokenguardian.pod;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.pod.PodApi.WriteResult;
import io.tokenguardian.token.PrintableText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The {@code pod-report} thread, which writes the token's latest status to the pod, as a condition. The guardian does
 * not wait for it. Nothing is written before the first acceptance that {@link AcceptedBy} requires. While no token is
 * usable, a write would fail, and the condition keeps its last value. A write that fails or is forbidden is retried
 * ({@link Backoff#FORBIDDEN}): the role may be applied after the pod has started.
 */
public final class PodStatusWriter implements Consumer<TokenStatus>, Watched, AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** Longer than the timeout of one call, 25 s. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(2);

    private final PodApi api;
    private final Timeline timeline;
    private final AcceptedBy acceptedBy;
    private final boolean enabled;
    private final DoubleSupplier chance;
    private final LoopThread thread;

    private volatile @Nullable TokenStatus latest;
    private @Nullable PodCondition written;
    private Instant writtenSince = Instant.MIN;
    private Instant dueAt = Instant.MIN;
    private int failures;
    private boolean denied;
    private boolean warnedUnbound;

    /**
     * @param client called only when something must be written
     * @param chance from 0 (inclusive) to 1 (exclusive), so that the guardians do not all retry at once
     */
    public PodStatusWriter(
            Supplier<KubernetesClient> client,
            Timeline timeline,
            AcceptedBy acceptedBy,
            boolean enabled,
            DoubleSupplier chance) {
        this(new KubernetesPodApi(client), timeline, acceptedBy, enabled, chance);
    }

    PodStatusWriter(PodApi api, Timeline timeline, AcceptedBy acceptedBy, boolean enabled, DoubleSupplier chance) {
        this.api = api;
        this.timeline = timeline;
        this.acceptedBy = acceptedBy;
        this.enabled = enabled;
        this.chance = chance;
        this.thread = new LoopThread("pod-report", LONGEST_TURN, this::turn);
    }

    /** Call this only once. Does nothing if the setting is off. */
    public void start() {
        if (enabled) {
            thread.start();
        }
    }

    /** Runs one turn, and returns the time until the next. */
    Duration turn() {
        Instant next = runOnce();
        return Duration.between(timeline.instant(), next);
    }

    @Override
    public void accept(TokenStatus tokenStatus) {
        latest = tokenStatus;
        thread.wake();
    }

    @Override
    public List<ThreadState> threads() {
        return enabled ? thread.threads() : List.of();
    }

    /** Ends the thread, and aborts a write in progress. */
    @Override
    public void close() {
        thread.close();
    }

    /**
     * Writes the condition if it is due, and waits for the response. Returns the next due time; a new status is due at
     * once.
     */
    Instant runOnce() {
        TokenStatus tokenStatus = latest;
        Instant now = timeline.instant();
        if (tokenStatus == null
                || !acceptedBy.wasMet(tokenStatus)
                || !tokenStatus.isUsable()
                || !tokenStatus.isJudged()) {
            return Instant.MAX;
        }
        Optional<PodIdentity> pod = PodIdentity.of(tokenStatus);
        if (pod.isEmpty()) {
            warnUnbound();
            return Instant.MAX;
        }
        PodCondition condition = PodCondition.of(tokenStatus, acceptedBy);
        if (condition.equals(written)) {
            return Instant.MAX;
        }
        if (!now.isBefore(dueAt)) {
            write(pod.get(), condition, tokenStatus.at());
        }
        return failures > 0 ? dueAt : Instant.MAX;
    }

    private void write(PodIdentity pod, PodCondition condition, Instant changedAt) {
        boolean sameStatus = written != null && written.isTrue() == condition.isTrue();
        Instant since = sameStatus ? writtenSince : changedAt;
        WriteResult outcome = api.setCondition(pod, condition, timeline.onNodeClock(since));
        if (outcome instanceof WriteResult.Denied forbidden) {
            onFailure();
            warnOf(forbidden);
        } else if (outcome instanceof WriteResult.Failed failed) {
            onFailure();
            LOG.debugf("pod-condition=failed %s", failed.reason());
        } else {
            onPermitted();
            written = condition;
            writtenSince = since;
        }
    }

    private void onFailure() {
        failures++;
        dueAt = timeline.instant().plus(Backoff.FORBIDDEN.pause(failures, chance));
    }

    private void warnOf(WriteResult.Denied forbidden) {
        if (!denied) {
            LOG.warnf(
                    "pod-condition=forbidden The API server does not let this pod patch pods/status: \"%s\". If a role"
                            + " is missing, apply k8s/rbac/pod-condition. The write is retried at least every 5"
                            + " minutes.",
                    PrintableText.of(forbidden.message()));
        }
        denied = true;
    }

    /** The API server checks the permission before it looks for the object, so {@code Gone} counts too. */
    private void onPermitted() {
        if (denied) {
            LOG.info("pod-condition=allowed The service account may patch pods/status now.");
        }
        denied = false;
        failures = 0;
        dueAt = Instant.MIN;
    }

    private void warnUnbound() {
        if (!warnedUnbound) {
            warnedUnbound = true;
            LOG.warn("pod-condition=none The token is not bound to a pod, so no condition is written.");
        }
    }
}
