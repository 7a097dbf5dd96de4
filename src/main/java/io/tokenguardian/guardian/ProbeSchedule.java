package io.tokenguardian.guardian;

import io.tokenguardian.clock.Instants;
import io.tokenguardian.verdict.Judgement;
import io.tokenguardian.verdict.NextProbe;
import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Stream;

/** Determines when the next probe of one token is due, and over which connection. Not thread-safe. */
final class ProbeSchedule {
    /** How many listed replicas are probed concurrently. This is more than any control plane has. */
    static final int MOST_SIDE_BY_SIDE = 40;

    private final TokenResults results;
    private final ListedReplicas listed;
    private final SentProbes sent;
    private int extraProbes;

    ProbeSchedule(TokenResults results, ListedReplicas listed, SentProbes sent) {
        this.results = results;
        this.listed = listed;
        this.sent = sent;
    }

    void requestExtra(int count) {
        extraProbes = Math.max(extraProbes, count);
    }

    void onExtraSent() {
        extraProbes = Math.max(0, extraProbes - 1);
    }

    void cancelExtra() {
        extraProbes = 0;
    }

    /**
     * Returns when a probe is due in addition to the judge's probes; {@link Instant#MAX} if never. All listed replicas
     * are probed at once, even if the verdict waits for one of them: the proxy uses replicas that accept, and an
     * unobserved replica may be the last to accept. A token that is not usable is being probed anyway.
     */
    Instant extraProbeAt(Instant now) {
        int awaited = sent.awaitedNew();
        if (listed.unasked() > awaited && awaited < MOST_SIDE_BY_SIDE) {
            return now;
        }
        boolean wanted = extraProbes > 0 || (listed.unasked() == 0 && results.unmetLeft() > awaited);
        return wanted && isUsable() ? Instants.later(results.evidence().pausedUntil(), nextNew()) : Instant.MAX;
    }

    /**
     * Returns the next probe. The verdict waits only for the last replica, but the status and the proxy depend on each.
     * So this may be an earlier probe of the replica that will accept first, or of the search.
     */
    NextProbe nextProbe(Judgement judgement, Instant now) {
        Judgement first = results.judgeFirst(now);
        return Stream.of(
                        judgement.next(),
                        first == null ? judgement.next() : first.next(),
                        new NextProbe.NewConnection(results.nextSearch(now)))
                .map(this::afterAwaited)
                .min(Comparator.comparing(NextProbe::at))
                .orElseThrow();
    }

    /** Returns {@code next}, delayed until the probe that it would repeat has a result. */
    private NextProbe afterAwaited(NextProbe next) {
        if (next instanceof NextProbe.SameConnection again) {
            return sent.isAwaited(again.connection())
                    ? new NextProbe.SameConnection(Instant.MAX, again.connection())
                    : next;
        }
        return new NextProbe.NewConnection(Instants.later(next.at(), nextNew()));
    }

    /** A new connection waits for the results of earlier ones, unless a silent replica may be skipped. */
    private Instant nextNew() {
        return listed.silenceCounts()
                ? Instants.later(results.retryAfter(), sent.nextNew(1))
                : sent.nextNew(listed.count());
    }

    private boolean isUsable() {
        return results.usability().isUsable();
    }
}
