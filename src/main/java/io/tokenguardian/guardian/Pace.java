package io.tokenguardian.guardian;

import io.tokenguardian.clock.Instants;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.verdict.EndedProbe;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Series;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When the next probe of one token is sent, over which connection, and why. {@link Judge} has what the results mean,
 * {@link Pauses} what they require. Not thread-safe.
 */
final class Pace {
    /**
     * A new connection is opened if none was for this time, unless the proxy's responses have shown each clock since.
     * Multiplied by 0.75 to 1.5, so that the guardians of many pods do not open theirs together. At a pod's start, the
     * first is multiplied by 0.01 to 1, so that soon after the start of many pods, some open theirs.
     */
    static final Duration BETWEEN_SAMPLES = Duration.ofMinutes(5);

    /** The pause between two probes over the same connection while a reader watches the status. */
    static final Duration WATCH = Duration.ofSeconds(1);

    /**
     * How many new connections are under way at most: with the first connection, as many as three replicas require.
     * While only one certificate is known, which several replicas may share, the verdict requires more. Usually, the
     * first results show a second certificate.
     */
    private static final int MOST_SIDE_BY_SIDE = 24;

    enum Reason {
        ROTATION, // another token is in use, so this token's first probe has time
        CONFIRM, // the verdict needs more acceptances, or the confirmation of a refusal
        RULE_OUT, // a further replica may exist
        SEARCH, // no replica is known to accept
        WINDOW, // a replica's clock may reach the token's window or its end, or is measured for that
        REFUSED, // a replica that refused for another reason may accept now
        REPORT, // the proxy has reported a refusal, or the token is in use again
        SAMPLE, // no result has shown the clocks for a while
        WATCH, // a reader watches the status
        SILENCE, // the last probes got no response
        RETRY_AFTER // a response has requested a pause
    }

    /** How the guardian uses the token. */
    enum Use {
        KEPT, // the status is about another token
        CURRENT,
        WATCHED // the status is about this token, and a reader watches it
    }

    /** @param connection {@link ProbeConnections#NEW} or the number of a known connection */
    record Due(Instant at, int connection, Reason reason) {
        private static final Due NEVER = new Due(Instant.MAX, ProbeConnections.NEW, Reason.SAMPLE);

        static Due overNew(Instant at, Reason reason) {
            return new Due(at, ProbeConnections.NEW, reason);
        }

        Due notBefore(Instant end, Reason delay) {
            return at.isBefore(end) ? new Due(end, connection, delay) : this;
        }
    }

    private final Judge judge;
    private final TokenSearch search;
    private final Pauses pauses;
    private final RefuserConnection refuser;
    private final ProbeConnections connections;
    private final ReplicaLedger ledger;
    private final DoubleSupplier chance;
    private final Instant begin; // when the first probe is due, if another token is in use

    private boolean start; // whether a pod's start waits: no token has been accepted so far
    private Instant lastOpened;
    private Duration samplePause;
    private int reportProbes; // how many are still to be sent because of a report

    /** The certificate of the replica whose refusal is to be repeated; null if a clock explains the refusal. */
    private @Nullable String sought;

    /** The connection that is probed while a reader watches the status. */
    private int watch = ProbeConnections.NEW;

    private Instant lastWatched = Instant.MIN;

    Pace(
            Judge judge,
            TokenSearch search,
            Pauses pauses,
            RefuserConnection refuser,
            ProbeConnections connections,
            ReplicaLedger ledger,
            Instant begin,
            boolean start,
            DoubleSupplier chance) {
        this.judge = judge;
        this.search = search;
        this.pauses = pauses;
        this.refuser = refuser;
        this.connections = connections;
        this.ledger = ledger;
        this.begin = begin;
        this.start = start;
        this.chance = chance;
        this.lastOpened = begin;
        this.samplePause = samplePause(0.75, 1.5);
    }

    private Duration samplePause(double least, double most) {
        return Duration.ofNanos((long) (BETWEEN_SAMPLES.toNanos() * (least + (most - least) * chance.getAsDouble())));
    }

    /** Returns the next probe. It is to be sent at once if it is due now or earlier. */
    Due next(Instant now, Use use) {
        Stream<Due> again = Stream.concat(awaitedReplicas(now), keptConnections(use))
                .filter(due -> !connections.isBeingProbed(due.connection()));
        return Stream.concat(again, newConnections(now, use))
                .min(Comparator.comparing(Due::at))
                .orElse(Due.NEVER);
    }

    private Stream<Due> awaitedReplicas(Instant now) {
        return judge.waiting().stream()
                .map(each -> new Due(
                        each.nextProbe(judge.terms().window(), pauses.end(), now), each.connection(), Reason.WINDOW));
    }

    private Stream<Due> keptConnections(Use use) {
        Due refused = new Due(pauses.end(), refuser.connection(), Reason.REFUSED);
        // The reason remains, because sent() counts by it.
        Due watched = new Due(Instants.later(lastWatched.plus(WATCH), pauses.retryAfter()), watch, Reason.WATCH);
        return Stream.of(
                refuser.isKept() ? refused.notBefore(pauses.retryAfter(), Reason.RETRY_AFTER) : Due.NEVER,
                isWatched(use) ? watched : Due.NEVER);
    }

    private boolean isWatched(Use use) {
        return use == Use.WATCHED && judge.series().accepted() != null;
    }

    private Stream<Due> newConnections(Instant now, Use use) {
        if (use == Use.KEPT && now.isBefore(begin)) {
            return Stream.of(Due.overNew(begin, Reason.ROTATION));
        }
        if (judge.lacksOnlyResults()) {
            return Stream.of();
        }
        int underWay = connections.awaited();
        Stream<Due> alone = underWay > 0 ? Stream.of() : Stream.of(forVerdict(now), forReport(), sample(now, use));
        return Stream.concat(sideBySide(now, underWay), alone)
                .map(due -> due.notBefore(pauses.retryAfter(), Reason.RETRY_AFTER));
    }

    /** The probes that do not wait for the results of the others. */
    private Stream<Due> sideBySide(Instant now, int underWay) {
        boolean silent = judge.series().unreachable() != null;
        if (underWay >= (silent ? 1 : MOST_SIDE_BY_SIDE)) {
            return Stream.of(); // one connection shows whether the API server is back
        }
        boolean confirmed = judge.series().confirmed() >= judge.terms().confirmations();
        int wanted = search.isUsable() ? judge.connectionsLeft(now) : 0;
        return Stream.of(
                        Due.overNew(search.nextConnection(underWay, start, now), Reason.SEARCH),
                        Due.overNew(
                                underWay < wanted ? now : Instant.MAX, confirmed ? Reason.RULE_OUT : Reason.CONFIRM))
                .map(due -> due.notBefore(pauses.silenceEnd(), Reason.SILENCE));
    }

    private Due forVerdict(Instant now) {
        Series series = judge.series();
        Instant endOfWait = judge.endOfWait(now);
        if (refuser.isKept()) {
            return Due.NEVER;
        }
        if (endOfWait != null) {
            return Due.overNew(endOfWait, Reason.WINDOW);
        }
        if (series.accepted() != null && series.refusal() == null && series.unreachable() == null) {
            Instant over = judge.terms().overAt();
            return lastOpened.isBefore(over) ? Due.overNew(over, Reason.WINDOW) : Due.NEVER;
        }
        return Due.overNew(pauses.end(), series.unreachable() == null ? Reason.CONFIRM : Reason.SILENCE);
    }

    private Due forReport() {
        return reportProbes > 0 && search.isUsable() ? Due.overNew(pauses.end(), Reason.REPORT) : Due.NEVER;
    }

    /** Probes a replica whose clock the proxy's responses have not shown for a while. */
    private Due sample(Instant now, Use use) {
        if (use == Use.KEPT || !search.isUsable()) {
            return Due.NEVER;
        }
        Instant shown = ledger.shown(now).stream()
                .map(KnownReplica::lastResultAt)
                .min(Comparator.naturalOrder())
                .orElse(lastOpened);
        Instant at = Instants.later(shown, lastOpened).plus(samplePause);
        return Due.overNew(Instants.later(at, pauses.end()), Reason.SAMPLE);
    }

    /** Takes that a probe was sent over {@code connection}, which may be new. */
    void sent(Due due, int connection, Instant now) {
        if (due.connection() == ProbeConnections.NEW) {
            lastOpened = now;
            reportProbes = Math.max(0, reportProbes - 1);
            samplePause = samplePause(0.75, 1.5);
        }
        if (due.reason() == Reason.WATCH) {
            lastWatched = now;
            watch = connection;
        }
    }

    /** Takes a result that the verdict already includes. */
    void take(EndedProbe ended, boolean accepted) {
        String certificate = ended.result().certificate();
        if (ended.isNew() && (judge.series().accepted() == null || (sought != null && sought.equals(certificate)))) {
            reportProbes = 0; // the verdict requests what it needs, or the replica is reached
        }
        if (ended.connection() == watch && !(ended.open() && accepted)) {
            watch = ProbeConnections.NEW;
        }
    }

    void takeVerdict() {
        samplePause = start ? samplePause(0.01, 1) : samplePause;
        start = false;
    }

    /** Probes again, at least once, while some replica accepts the token. */
    void recheck() {
        reportProbes = Math.max(1, reportProbes);
    }

    /** Probes again, up to so many times, while some replica accepts the token. */
    void takeReport(int probes, @Nullable String certificate) {
        reportProbes = probes;
        sought = certificate;
    }

    /** Returns whether a connection is no longer needed, because no reader watches the status. */
    boolean endWatch(Use use) {
        boolean ends = watch != ProbeConnections.NEW && !isWatched(use) && !connections.isBeingProbed(watch);
        watch = ends ? ProbeConnections.NEW : watch;
        return ends;
    }

    boolean isStartOfUsable() {
        return start && search.isUsable();
    }

    boolean needs(int connection) {
        return connection == watch
                || connection == refuser.connection()
                || judge.waiting().stream().anyMatch(each -> each.connection() == connection && each.open());
    }

    Instant lastOpened() {
        return lastOpened;
    }
}
