package io.tokenguardian.laptop;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixCell;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixRow;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.status.RightTime;
import io.tokenguardian.status.RightTime.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Summarizes the matrix of a check from outside: which replica's clock is off, how that affects a pod, and the fix. */
final class SkewSentence {
    private static final Duration ONE_SECOND = Duration.ofSeconds(1);

    private final AcceptanceMatrix matrix;

    /** The known clocks, slowest first. */
    private final List<Clock> byClock;

    SkewSentence(AcceptanceMatrix matrix) {
        this.matrix = matrix;
        List<Clock> clocks = new ArrayList<>();
        for (NamedReplica replica : matrix.replicas()) {
            OffsetInterval offset = matrix.offset(replica);
            if (offset != null) {
                clocks.add(new Clock(replica.name(), offset));
            }
        }
        clocks.sort(Comparator.comparing(clock -> clock.ahead().midpoint()));
        this.byClock = clocks;
    }

    /** About the worst finding: the longest wait of several. */
    String sentence() {
        if (matrix.worst() == Finding.ACCEPTED) {
            return matrix.replicas().size() == 1
                    ? "All connections reached the same API server replica, which accepts its own tokens."
                    : "All " + matrix.replicas().size()
                            + " replicas accept each other's tokens."
                            + (byClock.size() < 2
                                    ? ""
                                    : " Their known clocks are at most " + Seconds.text(spread()) + " apart.");
        }
        Pair worst = worst();
        String pods = "Pods whose token " + worst.issuer.name() + " issues get 401 from " + worst.judge.name();
        return switch (matrix.worst()) {
            case NOT_YET_VALID -> difference(worst) + pods + " for " + firstSeconds(worst) + ".";
            case EXPIRED -> difference(worst) + pods + " before their token expires; with a ten-minute token, at once.";
            case REFUSED -> pods + ", for a reason other than time.";
            case ACCEPTED, UNREACHABLE ->
                "Whether tokens of " + worst.issuer.name() + " are accepted by " + worst.judge.name()
                        + " is not known: " + worst.explanation + ".";
        };
    }

    String advice() {
        Finding worst = matrix.worst();
        if (worst == Finding.REFUSED) {
            return "Look for the cause in the log of the replica that refuses: signing keys or issuers may"
                    + " differ.";
        } else if (worst == Finding.UNREACHABLE) {
            return "Check again, with more --connections if only one connection reached that replica.";
        } else if (matrix.replicas().size() == 1) {
            return "If there are more replicas, allow more --connections.";
        }
        List<String> off = offClocks();
        String set = off.isEmpty()
                ? "Set the clocks of the API servers right (NTP)."
                : "Set the clock of " + NamedReplica.joined(off, "and") + " right (NTP).";
        if (worst != Finding.ACCEPTED) {
            return set + " Until then, let a pod wait for its token: token-guardian wait, exec, or its proxy.";
        }
        return off.isEmpty() ? "" : set + " Beyond " + wholeSeconds(matrix.leeway()) + ", replicas refuse tokens.";
    }

    /** About the clock that is off the most; empty if none is known to be off by more than {@code limit}. */
    Optional<String> beyond(Duration limit) {
        return byClock.isEmpty()
                ? Optional.empty()
                : time().off(limit, Set.of()).stream().findFirst().map(each -> difference(each, time().right()));
    }

    private RightTime time() {
        return RightTime.ofReplicas(byClock);
    }

    /** How far apart the slowest and the fastest clock are; zero if no clock is known. */
    Duration spread() {
        return byClock.isEmpty() ? Duration.ZERO : fastest().aheadOf(byClock.get(0));
    }

    private Clock fastest() {
        return byClock.get(byClock.size() - 1);
    }

    /**
     * Returns the names of the clocks that are off. The list is empty if the slowest and the fastest clock are at most
     * half the leeway apart. Otherwise, it contains each clock that is off by more than half the leeway or, if no clock
     * is, the slowest and the fastest. With two replicas it contains both, because neither is known to be right.
     */
    private List<String> offClocks() {
        Duration limit = matrix.leeway().dividedBy(2);
        if (spread().compareTo(limit) <= 0) {
            return List.of();
        }
        List<String> off = time().off(limit, Set.of()).stream().map(Clock::name).toList();
        return byClock.size() == 2 || off.isEmpty()
                ? List.of(byClock.get(0).name(), fastest().name())
                : off;
    }

    /** A replica's token, and the replica that has judged it. */
    private record Pair(NamedReplica issuer, NamedReplica judge, String explanation) {}

    private Pair worst() {
        List<Pair> pairs = new ArrayList<>();
        for (MatrixRow row : matrix.rows()) {
            for (NamedReplica judge : matrix.replicas()) {
                MatrixCell cell = row.cells().get(matrix.replicas().indexOf(judge));
                if (cell.finding() == matrix.worst()) {
                    pairs.add(new Pair(row.issuer(), judge, cell.explanation()));
                }
            }
        }
        return pairs.stream().max(Comparator.comparing(this::wait)).orElseThrow();
    }

    /** Zero if unknown. */
    private Duration wait(Pair pair) {
        Duration wait = matrix.wait(pair.issuer, pair.judge);
        return wait == null ? Duration.ZERO : wait;
    }

    private String firstSeconds(Pair pair) {
        Duration wait = wait(pair);
        return wait.isZero()
                ? "some time"
                : "their first " + wholeSeconds(wait.compareTo(ONE_SECOND) < 0 ? ONE_SECOND : wait);
    }

    /** Empty if one of the clocks is unknown. */
    private String difference(Pair pair) {
        OffsetInterval issuer = matrix.offset(pair.issuer);
        OffsetInterval judge = matrix.offset(pair.judge);
        return issuer == null || judge == null
                ? ""
                : difference(new Clock(pair.judge.name(), judge), new Clock(pair.issuer.name(), issuer)) + ". ";
    }

    private static String difference(Clock clock, Clock from) {
        Duration ahead = clock.aheadOf(from);
        return clock.name() + "'s clock is " + wholeSeconds(ahead.abs())
                + (ahead.isNegative() ? " behind" : " ahead of") + " that of " + from.name();
    }

    static String names(List<NamedReplica> replicas, String last) {
        return NamedReplica.joined(replicas.stream().map(NamedReplica::name).toList(), last);
    }

    /** In whole seconds below two minutes, and in larger units above. */
    static String wholeSeconds(Duration duration) {
        long seconds = Math.round(Seconds.of(duration));
        return seconds < 120 ? seconds + " s" : Seconds.text(Duration.ofSeconds(seconds));
    }
}
