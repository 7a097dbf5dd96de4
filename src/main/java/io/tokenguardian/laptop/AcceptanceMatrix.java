package io.tokenguardian.laptop;

import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param replicas the columns and, in the same order, the issuers of the rows
 * @param at when the matrix was made, on the local timeline
 */
record AcceptanceMatrix(List<ReachedReplica> replicas, List<MatrixRow> rows, Duration leeway, Instant at) {
    static final Duration LIFETIME = Duration.ofMinutes(10);

    /** The maximum number of probes if each 401 is dated within the very second in which the token becomes valid. */
    private static final int MOST_CROSSINGS = 3;

    private static final int MOST_CONNECTIONS = 2;

    /** {@code predictedBecause} is null for a measured row, and {@code issued} is null for a predicted row. */
    record MatrixRow(
            ReachedReplica issuer,
            List<MatrixCell> cells,
            @Nullable String predictedBecause,
            @Nullable IssuedToken issued) {
        boolean isMeasured() {
            return predictedBecause == null;
        }
    }

    /** The claims that determine which replicas accept a token, and its lifetime: null if it does not expire. */
    record IssuedToken(
            @Nullable String issuer,
            @Nullable String keyId,
            List<String> audience,
            @Nullable Duration lifetime) {
        static IssuedToken of(Token token) {
            TokenClaims claims = token.claims();
            Instant issuedAt = claims.issuedAt();
            Instant expiresAt = claims.expiresAt();
            return new IssuedToken(
                    claims.issuer(),
                    token.keyId(),
                    claims.audience(),
                    issuedAt == null || expiresAt == null ? null : Duration.between(issuedAt, expiresAt));
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

    /** If a connection yields no verdict, tries once more over another connection. */
    static MatrixCell probe(ReachedReplica judge, Token token, Duration leeway) {
        MatrixCell cell = MatrixCell.unknown("no open connection without a client certificate goes to it");
        List<HttpsProbeConnection> open = judge.open(false);
        for (int i = 0; i < Math.min(open.size(), MOST_CONNECTIONS) && cell.finding() == Finding.UNREACHABLE; i++) {
            cell = probe(open.get(i), token, ValidityWindow.of(token, leeway));
        }
        return cell;
    }

    private static MatrixCell probe(HttpsProbeConnection connection, Token token, ValidityWindow window) {
        for (int probes = 1; ; probes++) {
            ProbeResult result = connection.probe(token).join();
            if (result.outcome() instanceof ProbeOutcome.Authenticated) {
                return MatrixCell.of(Finding.ACCEPTED);
            } else if (!(result.outcome() instanceof ProbeOutcome.Unauthorized)) {
                return MatrixCell.unknown(result.outcome().explanation());
            }
            Instant date = result.date() == null ? result.receivedAt() : result.date();
            if (!date.equals(window.from()) || probes == MOST_CROSSINGS) {
                return MatrixCell.of(window.refusedAt(date));
            }
        }
    }

    /** Predicts from the clocks the verdict of {@code judge} on a token that {@code issuer} issues at {@code now}. */
    static MatrixCell predict(
            ReachedReplica issuer, ReachedReplica judge, Duration lifetime, Duration leeway, Instant now) {
        Duration behind = behind(issuer, judge, now);
        if (behind == null) {
            return MatrixCell.unknown(
                    "the clock of " + (issuer.clock() == null ? issuer.name() : judge.name()) + " is unknown");
        } else if (behind.compareTo(leeway) > 0) {
            return MatrixCell.of(Finding.NOT_YET_VALID);
        } else if (behind.negated().compareTo(lifetime.plus(leeway)) <= 0) {
            return MatrixCell.of(Finding.ACCEPTED);
        }
        return lifetime.equals(ParsedPod.USUAL_LIFETIME)
                ? MatrixCell.unknown("the API server may extend their lifetime")
                : MatrixCell.of(Finding.EXPIRED);
    }

    /** How far the clock of {@code judge} is behind that of {@code issuer}; null if one of them is unknown. */
    private static @Nullable Duration behind(ReachedReplica issuer, ReachedReplica judge, Instant now) {
        OffsetInterval stamped = issuer.offset(now);
        OffsetInterval judged = judge.offset(now);
        return stamped == null || judged == null ? null : stamped.midpoint().minus(judged.midpoint());
    }

    /** How long {@code judge} refuses a new token of {@code issuer}, by their clocks; null if one is unknown. */
    @Nullable
    Duration wait(ReachedReplica issuer, ReachedReplica judge) {
        Duration behind = behind(issuer, judge, at);
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
