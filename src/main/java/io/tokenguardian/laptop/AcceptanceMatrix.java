package io.tokenguardian.laptop;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.status.RightTime.Clock;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param replicas the columns and, in the same order, the issuers of the rows
 * @param at when the matrix was made, on the local timeline
 */
record AcceptanceMatrix(List<NamedReplica> replicas, List<MatrixRow> rows, Duration leeway, Instant at) {
    static final Duration LIFETIME = Duration.ofMinutes(10);

    /** @param issued the issuer's token; if it is unknown, the row is predicted */
    record MatrixRow(NamedReplica issuer, ApiReading<Token> issued, List<MatrixCell> cells) {
        boolean isMeasured() {
            return issued.unknownBecause() == null;
        }
    }

    /** @param explanation why the replica gave no verdict; otherwise empty */
    record MatrixCell(Finding finding, String explanation) {
        static MatrixCell of(Finding finding) {
            return new MatrixCell(finding, "");
        }

        static MatrixCell unknown(String explanation) {
            return new MatrixCell(Finding.UNREACHABLE, explanation);
        }
    }

    /** Predicts from the clocks the verdict of {@code judge} on a token that {@code issuer} issues at {@code now}. */
    static MatrixCell predict(
            NamedReplica issuer, NamedReplica judge, Duration lifetime, Duration leeway, Instant now) {
        Duration behind = behind(issuer, judge, now);
        if (behind == null) {
            NamedReplica unknown = issuer.observedReplica().clock() == null ? issuer : judge;
            return MatrixCell.unknown("the clock of " + unknown.name() + " is unknown");
        } else if (behind.compareTo(leeway) > 0) {
            return MatrixCell.of(Finding.NOT_YET_VALID);
        } else if (behind.negated().compareTo(lifetime.plus(leeway)) <= 0) {
            return MatrixCell.of(Finding.ACCEPTED);
        }
        return lifetime.equals(ParsedPod.USUAL_LIFETIME)
                ? MatrixCell.unknown("the API server may extend their lifetime")
                : MatrixCell.of(Finding.EXPIRED);
    }

    private static @Nullable Duration behind(NamedReplica issuer, NamedReplica judge, Instant now) {
        OffsetInterval stamped = issuer.observedReplica().aheadOfNode(now, Duration.ZERO);
        OffsetInterval judged = judge.observedReplica().aheadOfNode(now, Duration.ZERO);
        return stamped == null || judged == null ? null : stamped.midpoint().minus(judged.midpoint());
    }

    /** How far the known clocks are ahead of the local timeline, slowest first. */
    List<Clock> byClock() {
        return replicas.stream()
                .flatMap(replica -> replica.clock(at, Duration.ZERO).stream())
                .sorted(Comparator.comparing(clock -> clock.ahead().midpoint()))
                .toList();
    }

    /** How far apart the slowest and the fastest clock are; zero if no clock is known. */
    Duration spread() {
        List<Clock> clocks = byClock();
        return clocks.isEmpty() ? Duration.ZERO : clocks.get(clocks.size() - 1).aheadOf(clocks.get(0));
    }

    /** How far the clock of {@code judge} is behind that of {@code issuer}; null if one of them is unknown. */
    @Nullable
    Duration behind(NamedReplica issuer, NamedReplica judge) {
        return behind(issuer, judge, at);
    }

    /** How long {@code judge} refuses a new token of {@code issuer}, by their clocks; null if one is unknown. */
    @Nullable
    Duration wait(NamedReplica issuer, NamedReplica judge) {
        Duration behind = behind(issuer, judge);
        if (behind == null) {
            return null;
        }
        return behind.compareTo(leeway) < 0 ? Duration.ZERO : behind.minus(leeway);
    }

    Finding worst() {
        List<Finding> gravity =
                List.of(Finding.ACCEPTED, Finding.UNREACHABLE, Finding.NOT_YET_VALID, Finding.EXPIRED, Finding.REFUSED);
        return gravity.get(rows.stream()
                .flatMap(row -> row.cells().stream())
                .mapToInt(cell -> gravity.indexOf(cell.finding()))
                .max()
                .orElse(0));
    }
}
