package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.clock.Sample;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules that turn evidence into a verdict and choose the next probe: for the time at which its result can change,
 * not at a fixed interval. A few well-timed probes narrow the estimate of a refusing replica's clock. Until that clock
 * reaches the window, the replica is rarely probed. The wait ends when the replica accepts over its own connection or,
 * if that is lost, at the time that the estimate gives.
 */
public final class Judge {
    /** When an accepted token is probed again, because the account may have been deleted or a clock adjusted. */
    static final Duration RECHECK = Duration.ofMinutes(5);

    /** How long an API server caches acceptances, even past the window (docs/api-server.md, Authentication cache). */
    static final Duration SUCCESS_CACHE_TTL = Duration.ofSeconds(10);

    /** With so many samples, no more probes narrow the estimate: it is at most 10 ms wider than the round trip. */
    static final int NARROWING_SAMPLES = 8;

    /** After more steps on a connection, its replica is no longer probed to narrow the estimate, or every 20 ms. */
    static final int MAX_CLOCK_STEPS = 2;

    /** The time between probes of a refusing replica whose clock may have reached the validity window. */
    static final Duration CROSSING_GAP = Duration.ofMillis(20);

    /** The shortest pause in a long wait. Each is a third of the remaining time, because the clock may be adjusted. */
    static final Duration SHORTEST_GAP = Duration.ofSeconds(20);

    /** The longest pause: shorter than the API server's idle timeout of 90 s, to keep the connection open. */
    static final Duration LONGEST_GAP = Duration.ofSeconds(60);

    private Judge() {}

    public static Judgement judge(TokenTerms terms, Evidence evidence, Instant now) {
        Verdict trouble = evidence.failure();
        if (trouble instanceof Verdict.Refused || trouble instanceof Verdict.Expired) {
            return new Judgement(trouble, nextWhileRefused(terms, evidence, now));
        }
        Instant from = terms.window().from();
        RefusingReplicas outstanding = evidence.refusingReplicas().outstanding(terms, now);
        if (from != null && !outstanding.isEmpty()) {
            RefusingReplica last =
                    outstanding.representatives(now).max(byAcceptance(from)).orElseThrow();
            return refusedBy(last, from, evidence, now);
        }
        if (evidence.accepted() != null) {
            return new Judgement(evidence.accepted(), recheck(terms, evidence, now));
        }
        return new Judgement(trouble == null ? new Verdict.Pending() : trouble, newConnection(evidence, now));
    }

    /** Judges by the refusing replica that will accept first; null if none is known to refuse as not yet valid. */
    public static @Nullable Judgement judgeFirst(TokenTerms terms, Evidence evidence, Instant now) {
        Instant from = terms.window().from();
        return from == null
                ? null
                : evidence.refusingReplicas()
                        .outstanding(terms, now)
                        .representatives(now)
                        .min(byAcceptance(from))
                        .map(first -> refusedBy(first, from, evidence, now))
                        .orElse(null);
    }

    /** As far as replicas can be distinguished. */
    public static int refusers(TokenTerms terms, Evidence evidence, Instant now) {
        int asNotYetValid = (int) evidence.refusingReplicas()
                .outstanding(terms, now)
                .representatives(now)
                .count();
        return asNotYetValid + (evidence.refusals() > 0 ? 1 : 0);
    }

    /**
     * Returns the connections whose replicas may accept the token by {@code now}. As soon as it is accepted on one of
     * them, the others are probed, because most of them probably go to the same replica.
     */
    public static List<Integer> mayAcceptBy(Instant now, TokenTerms terms, Evidence evidence) {
        Instant from = terms.window().from();
        return from == null
                ? List.of()
                : evidence.refusingReplicas().outstanding(terms, now).replicas().stream()
                        .filter(each -> each.mayAccept(from, now))
                        .map(RefusingReplica::connection)
                        .toList();
    }

    /**
     * What a result about another token proves about this token: a replica whose {@code Date} is before the validity
     * window refuses this token too. Null if the result proves nothing.
     */
    public static Verdict.@Nullable NotYetValid refusalProvenBy(TokenTerms terms, ProbeResult result) {
        Instant from = terms.window().from();
        Instant date = result.date();
        boolean judged = result.outcome() instanceof ProbeOutcome.Authenticated
                || result.outcome() instanceof ProbeOutcome.Unauthorized;
        if (!judged || from == null || date == null || !date.isBefore(from)) {
            return null;
        }
        ClockEstimate clock = ClockEstimate.of(new Sample(result.sentAt(), result.receivedAt(), date));
        return Verdict.NotYetValid.of(result.address(), result.certificate(), clock, from, result.receivedAt());
    }

    private static Comparator<RefusingReplica> byAcceptance(Instant from) {
        return Comparator.comparing(
                replica -> replica.acceptsBy(from), Comparator.nullsLast(Comparator.naturalOrder()));
    }

    private static Judgement refusedBy(RefusingReplica replica, Instant from, Evidence evidence, Instant now) {
        return new Judgement(
                Verdict.NotYetValid.of(replica.address(), replica.certificate(), replica.clock(), from, now),
                next(replica, from, evidence, now));
    }

    private static NextProbe next(RefusingReplica refusingReplica, Instant from, Evidence evidence, Instant now) {
        ClockEstimate clock = refusingReplica.clock();
        if (clock == null) {
            return new NextProbe.SameConnection(
                    Instants.later(now, evidence.pausedUntil()), refusingReplica.connection());
        }
        Instant latest = clock.latest(from);
        if (!refusingReplica.open()) {
            return new NextProbe.NewConnection(latest);
        }
        // After latest, the replica should accept. It is still probed, because its clock may have been set back
        // unnoticed.
        Instant again = now.isBefore(latest)
                ? Instants.earlier(probeTime(refusingReplica, clock, from, now), latest)
                : evidence.pausedUntil();
        return new NextProbe.SameConnection(Instants.later(now, again), refusingReplica.connection());
    }

    /** Returns when to probe a replica whose clock is known but may not have reached the validity window. */
    private static Instant probeTime(RefusingReplica refusingReplica, ClockEstimate clock, Instant from, Instant now) {
        Instant lastAsked = refusingReplica.lastResult();
        Instant earliest = clock.earliest(from);
        Instant latest = clock.latest(from);
        Instant periodic = clock.nextProbe(lastAsked.plus(gap(lastAsked, latest)));
        if (clock.steps() > MAX_CLOCK_STEPS) {
            return periodic;
        }
        if (!now.isBefore(earliest)) {
            return lastAsked.plus(CROSSING_GAP);
        }
        if (!clock.isNarrow(now) && clock.samples() < NARROWING_SAMPLES) {
            // This is computed from the last result, not from now: otherwise, a late timer would cost another second.
            return Instants.earlier(clock.nextProbe(lastAsked), earliest);
        }
        boolean coarse = Duration.between(earliest, latest).compareTo(CROSSING_GAP) > 0;
        return coarse ? Instants.earlier(periodic, earliest) : periodic;
    }

    private static Duration gap(Instant now, Instant latest) {
        Duration third = Duration.between(now, latest).dividedBy(3);
        if (third.compareTo(SHORTEST_GAP) < 0) {
            return SHORTEST_GAP;
        }
        return third.compareTo(LONGEST_GAP) > 0 ? LONGEST_GAP : third;
    }

    /**
     * No acceptance counts while another replica is known to refuse the token as not yet valid. Therefore, that replica
     * is probed over its own connection when it is certain to accept, and before then, because its clock may be
     * adjusted.
     */
    private static NextProbe nextWhileRefused(TokenTerms terms, Evidence evidence, Instant now) {
        NextProbe newConnection = newConnection(evidence, now);
        Instant from = terms.window().from();
        return from == null
                ? newConnection
                : evidence.refusingReplicas().outstanding(terms, now).replicas().stream()
                        .filter(RefusingReplica::open)
                        .min(byAcceptance(from))
                        .map(each -> overOwnConnection(each, from, evidence, now))
                        .filter(own -> !own.at().isAfter(newConnection.at()))
                        .orElse(newConnection);
    }

    private static NextProbe overOwnConnection(
            RefusingReplica refusingReplica, Instant from, Evidence evidence, Instant now) {
        Instant acceptsBy = refusingReplica.acceptsBy(from);
        Instant lastAsked = refusingReplica.lastResult();
        Instant again = acceptsBy == null
                ? evidence.pausedUntil()
                : Instants.earlier(acceptsBy, lastAsked.plus(gap(lastAsked, acceptsBy)));
        return new NextProbe.SameConnection(Instants.later(now, again), refusingReplica.connection());
    }

    private static NextProbe newConnection(Evidence evidence, Instant now) {
        return new NextProbe.NewConnection(Instants.later(now, evidence.pausedUntil()));
    }

    private static NextProbe recheck(TokenTerms terms, Evidence evidence, Instant now) {
        boolean settled = evidence.failure() == null && evidence.refusals() == 0;
        if (!settled) {
            return newConnection(evidence, now);
        }
        Instant again = evidence.lastResult().plus(RECHECK);
        Instant until = terms.window().until();
        if (until != null) {
            Instant over = until.plus(SUCCESS_CACHE_TTL);
            again = evidence.lastResult().isBefore(over) ? Instants.earlier(again, over) : again;
        }
        return new NextProbe.NewConnection(Instants.later(now, again));
    }
}
