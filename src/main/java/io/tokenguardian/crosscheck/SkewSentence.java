package io.tokenguardian.crosscheck;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.status.NamedReplica;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A matrix in a sentence or two: whose clock is off, and what that does to a pod; and what to do about it. */
final class SkewSentence {
    private static final Duration HALF_LEEWAY = AcceptanceMatrix.LEEWAY.dividedBy(2);

    private final AcceptanceMatrix matrix;

    /** The replicas whose clock is known, slowest first. */
    private final List<MetReplica> byClock;

    SkewSentence(AcceptanceMatrix matrix) {
        this.matrix = matrix;
        this.byClock = matrix.replicas().stream()
                .filter(replica -> replica.clock() != null)
                .sorted(Comparator.comparing(this::offset))
                .toList();
    }

    String sentence() {
        int count = matrix.replicas().size();
        if (count == 1) {
            return "All connections led to one API server replica"
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
            return "Check again, with more --connections if that replica was met only once.";
        } else if (matrix.replicas().size() == 1) {
            return "If there are more replicas, allow more --connections.";
        }
        String wait = "let a pod wait for its token: token-guardian wait, exec, or its proxy.";
        List<String> names = offClocks().stream().map(MetReplica::name).toList();
        if (names.isEmpty()) {
            return worst == Finding.ACCEPTED ? "" : "Until all clocks are right, " + wait;
        }
        String set = names.size() == 1
                ? "Set the clock of " + names.get(0) + " right (NTP)."
                : "Set the clocks of " + NamedReplica.joined(names, "and") + " right (NTP).";
        return worst == Finding.ACCEPTED ? set + " Beyond 60 s, replicas refuse tokens." : set + " Until then, " + wait;
    }

    /** Whose clock is off by more than {@code limit}, the furthest; empty if none is known to be. */
    Optional<String> beyond(Duration limit) {
        if (byClock.size() == 2) {
            Duration apart = spread().minus(uncertainty(byClock.get(0))).minus(uncertainty(byClock.get(1)));
            return apart.compareTo(limit) > 0 ? Optional.of(pair()) : Optional.empty();
        }
        return byClock.stream()
                .filter(each -> aheadOfMedian(each)
                                .abs()
                                .minus(uncertainty(each))
                                .minus(uncertainty(median()))
                                .compareTo(limit)
                        > 0)
                .max(Comparator.comparing(each -> aheadOfMedian(each).abs()))
                .map(this::offMedian);
    }

    private Duration uncertainty(MetReplica replica) {
        OffsetInterval offset = replica.offset(matrix.at());
        return offset == null ? Duration.ZERO : offset.uncertainty();
    }

    private Duration spread() {
        return byClock.isEmpty()
                ? Duration.ZERO
                : offset(byClock.get(byClock.size() - 1)).minus(offset(byClock.get(0)));
    }

    private Duration offset(MetReplica replica) {
        OffsetInterval offset = replica.offset(matrix.at());
        return offset == null ? Duration.ZERO : offset.midpoint();
    }

    /**
     * None if the slowest and the fastest are at most half the leeway apart. Otherwise those that differ from the
     * median by more than half the leeway or, if none does, the slowest and the fastest. Of two replicas both, since
     * nobody knows which is right.
     */
    private List<MetReplica> offClocks() {
        if (spread().compareTo(HALF_LEEWAY) <= 0) {
            return List.of();
        }
        List<MetReplica> off = byClock.stream()
                .filter(each -> aheadOfMedian(each).abs().compareTo(HALF_LEEWAY) > 0)
                .toList();
        return byClock.size() == 2 || off.isEmpty() ? List.of(byClock.get(0), byClock.get(byClock.size() - 1)) : off;
    }

    private Duration aheadOfMedian(MetReplica replica) {
        return offset(replica).minus(offset(median()));
    }

    private MetReplica median() {
        return byClock.get(byClock.size() / 2);
    }

    private String clocks() {
        List<MetReplica> off = offClocks();
        if (byClock.size() == 2) {
            return off.isEmpty() ? "" : pair() + ".";
        }
        return off.stream().map(each -> offMedian(each) + ".").collect(Collectors.joining(" "));
    }

    private String pair() {
        return byClock.get(0).name() + "'s clock is " + seconds(spread()) + " behind that of "
                + byClock.get(1).name();
    }

    private String offMedian(MetReplica replica) {
        Duration ahead = aheadOfMedian(replica);
        return replica.name() + "'s clock is " + seconds(ahead.abs()) + (ahead.isNegative() ? " behind" : " ahead");
    }

    /** One sentence for all replicas that treat the tokens of the same issuers alike. */
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

    /** At least a second: {@code their first 15 s}, or {@code their first 15 s to 35 s} if they differ. */
    private String waits(List<MetReplica> issuers, List<MetReplica> judges) {
        if (!byClock.containsAll(issuers) || !byClock.containsAll(judges)) {
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

    /** How long {@code judge} refuses a new token of {@code issuer}. */
    private Duration wait(MetReplica issuer, MetReplica judge) {
        return offset(issuer).minus(offset(judge)).minus(AcceptanceMatrix.LEEWAY);
    }

    private AcceptanceMatrix.Cell cell(MetReplica issuer, MetReplica judge) {
        List<MetReplica> replicas = matrix.replicas();
        return matrix.rows().get(replicas.indexOf(issuer)).cells().get(replicas.indexOf(judge));
    }

    /** Whole seconds from ten on, tenths below. */
    private static String seconds(Duration duration) {
        return duration.compareTo(Duration.ofSeconds(10)) >= 0
                ? wholeSeconds(duration)
                : String.format(Locale.ROOT, "%.1f s", Seconds.of(duration));
    }

    /** Below two minutes whole seconds; then as people say it. {@code some time} for null. */
    static String wholeSeconds(@Nullable Duration duration) {
        if (duration == null) {
            return "some time";
        }
        long seconds = Math.round(Seconds.of(duration));
        return seconds < 120 ? seconds + " s" : Seconds.text(Duration.ofSeconds(seconds));
    }
}
