package io.tokenguardian.laptop;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixCell;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixRow;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.status.RightTime;
import io.tokenguardian.status.RightTime.Clock;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link PodCause} of the worst finding in a matrix.
 *
 * @param values gets what the cause's sentences name
 */
record ComparedReplicas(AcceptanceMatrix matrix, Map<String, String> values) {
    private static final Duration ONE_SECOND = Duration.ofSeconds(1);

    /** A replica's token, as the row of its issuer, and the row of a replica that has judged it. */
    private record Pair(MatrixRow issued, MatrixRow judge, MatrixCell cell) {}

    /** Of several tokens with the worst finding, a key or an issuer counts most, then the longest wait. */
    PodCause cause() {
        List<String> off = offClocks();
        values.put(
                "clocks",
                off.isEmpty() ? "the clocks of the API servers" : "the clock of " + NamedReplica.joined(off, "and"));
        Finding worst = matrix.worst();
        if (worst == Finding.ACCEPTED) {
            return ofAccepted(off.isEmpty());
        }
        List<Pair> pairs = pairs(worst);
        for (Pair pair : pairs) {
            name(pair);
            PodCause difference = worst == Finding.REFUSED ? difference(pair) : null;
            if (difference != null) {
                return difference;
            }
        }
        name(pairs.stream().max(Comparator.comparing(this::wait)).orElseThrow());
        return switch (worst) {
            case NOT_YET_VALID -> PodCause.NOT_YET_VALID;
            case EXPIRED -> PodCause.EXPIRED;
            case REFUSED -> PodCause.REFUSED;
            case ACCEPTED, UNREACHABLE -> PodCause.UNREACHABLE;
        };
    }

    private PodCause ofAccepted(boolean clocksAgree) {
        values.put("leeway", wholeSeconds(matrix.leeway()));
        values.put("replicas", String.valueOf(matrix.replicas().size()));
        values.put(
                "apart",
                matrix.byClock().size() < 2
                        ? ""
                        : " Their known clocks are at most " + Seconds.text(matrix.spread()) + " apart.");
        if (matrix.replicas().size() == 1) {
            return PodCause.ONE_REPLICA;
        }
        return clocksAgree ? PodCause.ALL_ACCEPT : PodCause.CLOCK_OFF;
    }

    private List<Pair> pairs(Finding finding) {
        List<Pair> pairs = new ArrayList<>();
        for (MatrixRow row : matrix.rows()) {
            for (int column = 0; column < row.cells().size(); column++) {
                pairs.add(new Pair(row, matrix.rows().get(column), row.cells().get(column)));
            }
        }
        return pairs.stream().filter(pair -> pair.cell.finding() == finding).toList();
    }

    /** Certain if the judge accepts its own token, which differs only in the key or the issuer; otherwise null. */
    private @Nullable PodCause difference(Pair pair) {
        Token token = pair.issued.issued().value();
        Token own = pair.judge.issued().value();
        MatrixCell ofOwn = pair.judge.cells().get(matrix.rows().indexOf(pair.judge));
        if (token == null || own == null || ofOwn.finding() != Finding.ACCEPTED) {
            return null;
        }
        values.put("key", String.valueOf(token.keyId()));
        values.put("iss", String.valueOf(token.claims().issuer()));
        if (token.claims().issuer() != null
                && !token.claims().issuer().equals(own.claims().issuer())) {
            return PodCause.ISSUER;
        }
        boolean sameAudience =
                !Collections.disjoint(token.claims().audience(), own.claims().audience());
        boolean otherKey = token.keyId() != null && !token.keyId().equals(own.keyId());
        return otherKey && sameAudience ? PodCause.KEY : null;
    }

    private void name(Pair pair) {
        Duration wait = wait(pair);
        Duration behind = matrix.behind(pair.issued.issuer(), pair.judge.issuer());
        values.put("issuer", pair.issued.issuer().name());
        values.put("judge", pair.judge.issuer().name());
        values.put("why", pair.cell.explanation());
        values.put(
                "wait",
                wait.isZero()
                        ? "some time"
                        : "their first " + wholeSeconds(wait.compareTo(ONE_SECOND) < 0 ? ONE_SECOND : wait));
        values.put(
                "skew",
                behind == null
                        ? "out of step with"
                        : wholeSeconds(behind.abs()) + (behind.isNegative() ? " ahead of" : " behind"));
    }

    /** Zero if unknown. */
    private Duration wait(Pair pair) {
        Duration wait = matrix.wait(pair.issued.issuer(), pair.judge.issuer());
        return wait == null ? Duration.ZERO : wait;
    }

    /** The clocks that are off by more than half the leeway. Of only two clocks, either may be wrong. */
    private List<String> offClocks() {
        List<Clock> clocks = matrix.byClock();
        List<Clock> off = clocks.isEmpty()
                ? clocks
                : RightTime.ofReplicas(clocks).off(matrix.leeway().dividedBy(2), Set.of());
        return (clocks.size() == 2 && !off.isEmpty() ? clocks : off)
                .stream().map(Clock::name).toList();
    }

    /** In whole seconds below two minutes, and in larger units above. */
    static String wholeSeconds(Duration duration) {
        long seconds = Math.round(Seconds.of(duration));
        return seconds < 120 ? seconds + " s" : Seconds.text(Duration.ofSeconds(seconds));
    }
}
