package io.tokenguardian.laptop;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.status.RightTime;
import io.tokenguardian.status.RightTime.Clock;
import io.tokenguardian.verdict.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Summarizes the matrix of a check from outside: which replica's clock is off, how that affects a pod, and the fix. */
final class SkewSentence {
    private final AcceptanceMatrix matrix;

    /** The known clocks, slowest first. */
    private final List<Clock> byClock;

    SkewSentence(AcceptanceMatrix matrix) {
        this.matrix = matrix;
        List<Clock> clocks = new ArrayList<>();
        for (MetReplica replica : matrix.replicas()) {
            OffsetInterval offset = replica.offset(matrix.at());
            if (offset != null) {
                clocks.add(new Clock(replica.name(), offset));
            }
        }
        clocks.sort(Comparator.comparing(clock -> clock.ahead().midpoint()));
        this.byClock = clocks;
    }

    String sentence() {
        int count = matrix.replicas().size();
        if (count == 1) {
            return "All connections reached the same API server replica"
                    + ofItself(matrix.replicas().get(0));
        }
        if (matrix.worst() == Finding.ACCEPTED) {
            return "All " + count + " replicas accept each other's tokens. "
                    + (byClock.size() == count
                            ? "Their clocks are at most " + seconds(spread()) + " apart."
                            : "Not all of their clocks are known.");
        }
        List<String> sentences = new ArrayList<>();
        sentences.add(clocks());
        sentences.addAll(consequences());
        return sentences.stream().filter(each -> !each.isEmpty()).collect(Collectors.joining(" "));
    }

    private String ofItself(MetReplica replica) {
        AcceptanceMatrix.Cell own = cell(replica, replica);
        return switch (own.finding()) {
            case ACCEPTED -> ", which accepts its own tokens.";
            case NOT_YET_VALID, EXPIRED, REFUSED -> ", which does not accept its own tokens.";
            case UNREACHABLE -> ". Whether it accepts its own tokens is not known: " + own.explanation() + ".";
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
        String wait = "let a pod wait for its token: token-guardian wait, exec, or its proxy.";
        List<String> names = offClocks().stream().map(Clock::name).toList();
        if (names.isEmpty()) {
            return worst == Finding.ACCEPTED ? "" : "Until all clocks are right, " + wait;
        }
        String set = names.size() == 1
                ? "Set the clock of " + names.get(0) + " right (NTP)."
                : "Set the clocks of " + NamedReplica.joined(names, "and") + " right (NTP).";
        return worst == Finding.ACCEPTED
                ? set + " Beyond " + wholeSeconds(matrix.leeway()) + ", replicas refuse tokens."
                : set + " Until then, " + wait;
    }

    /** About the clock that is off the most; empty if none is known to be off by more than {@code limit}. */
    Optional<String> beyond(Duration limit) {
        return byClock.isEmpty()
                ? Optional.empty()
                : time().off(limit, Set.of()).stream()
                        .findFirst()
                        .map(each -> byClock.size() == 2 ? pair() : off(each));
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
     * Returns the clocks that are off. The list is empty if the slowest and the fastest clock are at most half the
     * leeway apart. Otherwise, it contains each clock that is off by more than half the leeway or, if no clock is, the
     * slowest and the fastest. With two replicas it contains both, because neither is known to be right.
     */
    private List<Clock> offClocks() {
        Duration limit = matrix.leeway().dividedBy(2);
        if (spread().compareTo(limit) <= 0) {
            return List.of();
        }
        List<Clock> off = time().off(limit, Set.of());
        return byClock.size() == 2 || off.isEmpty() ? List.of(byClock.get(0), fastest()) : off;
    }

    private String clocks() {
        List<Clock> off = offClocks();
        if (byClock.size() == 2) {
            return off.isEmpty() ? "" : pair() + ".";
        }
        return off.stream().map(each -> off(each) + ".").collect(Collectors.joining(" "));
    }

    private String pair() {
        return byClock.get(0).name() + "'s clock is " + seconds(spread()) + " behind that of "
                + fastest().name();
    }

    private String off(Clock clock) {
        Duration ahead = clock.aheadOf(time().right());
        return clock.name() + "'s clock is " + seconds(ahead.abs()) + (ahead.isNegative() ? " behind" : " ahead");
    }

    /** Returns one sentence for each group of replicas that treat the tokens of the same issuers alike. */
    private List<String> consequences() {
        List<String> sentences = new ArrayList<>();
        for (Finding finding : List.of(Finding.NOT_YET_VALID, Finding.EXPIRED, Finding.REFUSED, Finding.UNREACHABLE)) {
            Map<List<MetReplica>, List<MetReplica>> judges = new LinkedHashMap<>();
            for (MetReplica replica : matrix.replicas()) {
                List<MetReplica> issuers = matrix.issuers(replica, finding);
                if (!issuers.isEmpty()) {
                    judges.computeIfAbsent(issuers, each -> new ArrayList<>()).add(replica);
                }
            }
            judges.forEach((issuers, replicas) -> sentences.add(consequence(finding, issuers, replicas)));
        }
        return sentences;
    }

    private String consequence(Finding finding, List<MetReplica> issuers, List<MetReplica> judges) {
        String issuer =
                NamedReplica.joined(issuers.stream().map(MetReplica::name).toList(), "or");
        String judge = NamedReplica.joined(judges.stream().map(MetReplica::name).toList(), "and");
        String pods = "Pods whose token " + issuer + " issues";
        return switch (finding) {
            case NOT_YET_VALID -> pods + " get 401 from " + judge + " for " + waits(issuers, judges) + ".";
            case EXPIRED ->
                pods + " get 401 from " + judge + " before their token expires; with a ten-minute token, at once.";
            case REFUSED -> pods + " get 401 from " + judge + ", for a reason other than time.";
            case ACCEPTED, UNREACHABLE ->
                "Whether tokens of " + issuer + " are accepted by " + judge + " is not known: "
                        + cell(issuers.get(0), judges.get(0)).explanation() + ".";
        };
    }

    /** At least a second: {@code their first 15 s} or, if the replicas differ, {@code their first 15 s to 35 s}. */
    private String waits(List<MetReplica> issuers, List<MetReplica> judges) {
        if (Stream.concat(issuers.stream(), judges.stream()).anyMatch(each -> each.clock() == null)) {
            return wholeSeconds(null);
        }
        LongSummaryStatistics seconds = issuers.stream()
                .flatMap(issuer -> judges.stream().map(judge -> wait(issuer, judge)))
                .mapToLong(wait -> Math.max(1, Math.round(Seconds.of(wait))))
                .summaryStatistics();
        boolean differ = seconds.getMin() < seconds.getMax();
        return "their first "
                + (differ ? wholeSeconds(Duration.ofSeconds(seconds.getMin())) + " to " : "")
                + wholeSeconds(Duration.ofSeconds(seconds.getMax()));
    }

    /** How long {@code judge} refuses a new token from {@code issuer}. */
    private Duration wait(MetReplica issuer, MetReplica judge) {
        return offset(issuer).minus(offset(judge)).minus(matrix.leeway());
    }

    private Duration offset(MetReplica replica) {
        OffsetInterval offset = replica.offset(matrix.at());
        return offset == null ? Duration.ZERO : offset.midpoint();
    }

    private AcceptanceMatrix.Cell cell(MetReplica issuer, MetReplica judge) {
        List<MetReplica> replicas = matrix.replicas();
        return matrix.rows().get(replicas.indexOf(issuer)).cells().get(replicas.indexOf(judge));
    }

    /** Formats a duration, in whole seconds from ten seconds up, and in tenths of a second below that. */
    private static String seconds(Duration duration) {
        return duration.compareTo(Duration.ofSeconds(10)) >= 0
                ? wholeSeconds(duration)
                : String.format(Locale.ROOT, "%.1f s", Seconds.of(duration));
    }

    /** In whole seconds below two minutes, and in larger units above; {@code some time} for null. */
    static String wholeSeconds(@Nullable Duration duration) {
        if (duration == null) {
            return "some time";
        }
        long seconds = Math.round(Seconds.of(duration));
        return seconds < 120 ? seconds + " s" : Seconds.text(Duration.ofSeconds(seconds));
    }
}
