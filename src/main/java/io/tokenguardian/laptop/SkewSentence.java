package io.tokenguardian.laptop;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixRow;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.status.RightTime;
import io.tokenguardian.status.RightTime.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Summarizes the matrix of a check from outside: which replica's clock is off, how that affects a pod, and the fix. */
final class SkewSentence {
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

    String sentence() {
        int count = matrix.replicas().size();
        boolean accepted = matrix.worst() == Finding.ACCEPTED;
        List<String> sentences = new ArrayList<>();
        if (count == 1) {
            sentences.add("All connections reached the same API server replica"
                    + (accepted ? ", which accepts its own tokens." : "."));
        } else if (accepted) {
            sentences.add("All " + count + " replicas accept each other's tokens. "
                    + (byClock.size() == count
                            ? "Their clocks are at most " + seconds(spread()) + " apart."
                            : "Not all of their clocks are known."));
        } else {
            sentences.add(clocks());
        }
        sentences.addAll(consequences());
        return sentences.stream().filter(each -> !each.isEmpty()).collect(Collectors.joining(" "));
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
            Map<List<MatrixRow>, List<NamedReplica>> judges = new LinkedHashMap<>();
            for (int column = 0; column < matrix.replicas().size(); column++) {
                int judge = column;
                List<MatrixRow> rows = matrix.rows().stream()
                        .filter(row -> row.cells().get(judge).finding() == finding)
                        .toList();
                if (!rows.isEmpty()) {
                    judges.computeIfAbsent(rows, each -> new ArrayList<>())
                            .add(matrix.replicas().get(judge));
                }
            }
            judges.forEach((rows, replicas) -> sentences.add(consequence(finding, rows, replicas)));
        }
        return sentences;
    }

    private String consequence(Finding finding, List<MatrixRow> rows, List<NamedReplica> judges) {
        List<NamedReplica> issuers = rows.stream().map(MatrixRow::issuer).toList();
        String issuer = names(issuers, "or");
        String judge = names(judges, "and");
        String pods = "Pods whose token " + issuer + " issues";
        return switch (finding) {
            case NOT_YET_VALID -> pods + " get 401 from " + judge + " for " + waits(issuers, judges) + ".";
            case EXPIRED ->
                pods + " get 401 from " + judge + " before their token expires; with a ten-minute token, at once.";
            case REFUSED -> pods + " get 401 from " + judge + ", for a reason other than time.";
            case ACCEPTED, UNREACHABLE ->
                "Whether tokens of " + issuer + " are accepted by " + judge + " is not known: "
                        + rows.get(0)
                                .cells()
                                .get(matrix.replicas().indexOf(judges.get(0)))
                                .explanation() + ".";
        };
    }

    static String names(List<NamedReplica> replicas, String last) {
        return NamedReplica.joined(replicas.stream().map(NamedReplica::name).toList(), last);
    }

    /** Up to the longest wait among these replicas, but at least a second. */
    private String waits(List<NamedReplica> issuers, List<NamedReplica> judges) {
        Duration longest = Duration.ofSeconds(1);
        for (NamedReplica issuer : issuers) {
            for (NamedReplica judge : judges) {
                Duration wait = matrix.wait(issuer, judge);
                if (wait == null) {
                    return "some time";
                }
                longest = wait.compareTo(longest) > 0 ? wait : longest;
            }
        }
        return "their first " + wholeSeconds(longest);
    }

    /** Formats a duration, in whole seconds from ten seconds up, and in tenths of a second below that. */
    private static String seconds(Duration duration) {
        return duration.compareTo(Duration.ofSeconds(10)) >= 0
                ? wholeSeconds(duration)
                : String.format(Locale.ROOT, "%.1f s", Seconds.of(duration));
    }

    /** In whole seconds below two minutes, and in larger units above. */
    static String wholeSeconds(Duration duration) {
        long seconds = Math.round(Seconds.of(duration));
        return seconds < 120 ? seconds + " s" : Seconds.text(Duration.ofSeconds(seconds));
    }
}
