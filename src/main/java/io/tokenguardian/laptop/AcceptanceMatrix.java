package io.tokenguardian.laptop;

import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.RefusalCause;
import io.tokenguardian.verdict.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param replicas the columns and, in the same order, the issuers of the rows
 * @param at when the matrix was made, on the local timeline
 */
record AcceptanceMatrix(List<MetReplica> replicas, List<Row> rows, Duration leeway, Instant at) {
    static final Duration LIFETIME = Duration.ofMinutes(10);

    /** The maximum number of probes if each 401 is dated within the very second in which the token becomes valid. */
    private static final int MOST_CROSSINGS = 3;

    private static final int MOST_CONNECTIONS = 2;

    /** {@code predictedBecause} is null for a measured row, and {@code issued} is null for a predicted row. */
    record Row(
            MetReplica issuer,
            List<Cell> cells,
            @Nullable String predictedBecause,
            @Nullable IssuedToken issued) {
        boolean isMeasured() {
            return predictedBecause == null;
        }

        private Row certain() {
            return isMeasured()
                    ? this
                    : new Row(issuer, cells.stream().map(Cell::certain).toList(), predictedBecause, issued);
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

    /**
     * @param left for how much longer the replica will refuse the token; null if unknown
     * @param explanation why the replica gave no verdict; otherwise empty
     */
    record Cell(Finding finding, @Nullable Duration left, String explanation) {
        private Cell certain() {
            return finding == Finding.EXPIRED
                    ? new Cell(Finding.UNREACHABLE, null, "the API server may extend their lifetime")
                    : this;
        }
    }

    /** If a connection yields no verdict, tries once more over another connection. */
    static Cell probe(MetReplica replica, Token token, Duration leeway) {
        Cell cell = new Cell(Finding.UNREACHABLE, null, "no open connection without a client certificate goes to it");
        for (HttpsProbeConnection connection : replica.open(false, MOST_CONNECTIONS)) {
            cell = probe(replica, connection, token, ValidityWindow.of(token, leeway));
            if (cell.finding() != Finding.UNREACHABLE) {
                return cell;
            }
        }
        return cell;
    }

    private static Cell probe(MetReplica replica, HttpsProbeConnection connection, Token token, ValidityWindow window) {
        for (int probes = 1; ; probes++) {
            ProbeResult result = connection.probe(token).join();
            if (result.outcome() instanceof ProbeOutcome.Authenticated) {
                return new Cell(Finding.ACCEPTED, null, "");
            } else if (!(result.outcome() instanceof ProbeOutcome.Unauthorized)) {
                return new Cell(Finding.UNREACHABLE, null, result.outcome().explanation());
            }
            RefusalCause cause = RefusalCause.of(window, result.date() == null ? result.receivedAt() : result.date());
            if (cause != RefusalCause.CROSSING || probes == MOST_CROSSINGS) {
                return refused(cause, replica, window, result);
            }
        }
    }

    private static Cell refused(RefusalCause cause, MetReplica replica, ValidityWindow window, ProbeResult result) {
        return switch (cause) {
            case NOT_YET_VALID, CROSSING ->
                new Cell(Finding.NOT_YET_VALID, left(replica, window.from(), result.receivedAt()), "");
            case EXPIRED -> new Cell(Finding.EXPIRED, null, "");
            case OTHER -> new Cell(Finding.REFUSED, null, "");
        };
    }

    private static @Nullable Duration left(MetReplica replica, @Nullable Instant from, Instant now) {
        OffsetInterval offset = replica.offset(now);
        if (offset == null || from == null) {
            return null;
        }
        Duration left = Duration.between(now.plus(offset.midpoint()), from);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static String whoseIsUnknown(MetReplica issuer, MetReplica replica, @Nullable OffsetInterval stamped) {
        if (issuer.equals(replica)) {
            return "its";
        }
        return stamped == null ? "the issuing replica's" : "the judging replica's";
    }

    /** Predicts from the clocks the verdict of {@code replica} on a token that {@code issuer} issues at {@code now}. */
    static Cell predict(MetReplica issuer, MetReplica replica, Duration lifetime, Duration leeway, Instant now) {
        OffsetInterval stamped = issuer.offset(now);
        OffsetInterval judged = replica.offset(now);
        if (stamped == null || judged == null) {
            return new Cell(Finding.UNREACHABLE, null, whoseIsUnknown(issuer, replica, stamped) + " clock is unknown");
        }
        Duration behind = stamped.midpoint().minus(judged.midpoint());
        if (behind.compareTo(leeway) > 0) {
            return new Cell(Finding.NOT_YET_VALID, behind.minus(leeway), "");
        }
        boolean expired = behind.negated().compareTo(lifetime.plus(leeway)) > 0;
        return new Cell(expired ? Finding.EXPIRED : Finding.ACCEPTED, null, "");
    }

    /** Returns this matrix without predicted expiries, because only a measured row shows how long a token lives. */
    AcceptanceMatrix certain() {
        return new AcceptanceMatrix(replicas, rows.stream().map(Row::certain).toList(), leeway, at);
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

    /** The replicas whose tokens get {@code finding} from {@code replica}. */
    List<MetReplica> issuers(MetReplica replica, Finding finding) {
        int column = replicas.indexOf(replica);
        return rows.stream()
                .filter(row -> row.cells().get(column).finding() == finding)
                .map(Row::issuer)
                .toList();
    }
}
