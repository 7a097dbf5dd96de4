package io.tokenguardian.laptop;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixCell;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixRow;
import io.tokenguardian.laptop.PrintedReport.Line;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.status.RightTime;
import io.tokenguardian.status.RightTime.Clock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which replicas accept the tokens that each of them issues, as text, JSON and SVG.
 *
 * @param tokens what each replica has issued, such as {@code a ten-minute token}
 * @param nodeClockShift how far this machine's clock has shifted relative to the local timeline
 */
public record CrossCheckReport(
        ClusterAccess access,
        String serviceAccount,
        String tokens,
        List<MeasuredConnection> connections,
        AcceptanceMatrix matrix,
        Duration nodeClockShift)
        implements Report {
    PodDiagnosis diagnosis() {
        return PodDiagnosis.of(matrix);
    }

    public Finding finding() {
        return matrix.worst();
    }

    /** A clause about a replica whose clock is off by more than {@code limit}; empty if no clock is known to be. */
    public Optional<String> skewBeyond(Duration limit) {
        List<Clock> clocks = matrix.byClock();
        return clocks.isEmpty()
                ? Optional.empty()
                : RightTime.ofReplicas(clocks).replicaBeyond(limit);
    }

    @Override
    public PrintedReport printed() {
        List<Line> lines = new ArrayList<>(List.of(new Line("Server", server())));
        for (NamedReplica replica : matrix.replicas()) {
            String connections = count(connections(replica), "connection");
            lines.add(new Line("Replica", replica.name() + "  " + connections + ", " + clock(replica)));
        }
        notes().forEach(note -> lines.add(new Line("Note", note)));
        return new PrintedReport(
                finding().word(),
                diagnosis(),
                lines,
                table(),
                "checked at " + matrix.at().plus(nodeClockShift).truncatedTo(ChronoUnit.SECONDS)
                        + " by this machine's clock");
    }

    private String server() {
        int reached =
                (int) connections.stream().filter(MeasuredConnection::isReached).count();
        return access.address() + "  context " + access.context() + ", " + count(reached, "connection") + " to "
                + count(matrix.replicas().size(), "replica");
    }

    private int connections(NamedReplica replica) {
        return (int) connections.stream()
                .filter(each -> replica.equals(each.replica()))
                .count();
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private String clock(NamedReplica replica) {
        OffsetInterval offset = offset(replica);
        return offset == null
                ? "clock unknown"
                : String.format(
                        Locale.ROOT,
                        "clock %+.2f s ± %.2f s relative to this machine's",
                        Seconds.of(offset.midpoint()),
                        Seconds.of(offset.uncertainty()));
    }

    private @Nullable OffsetInterval offset(NamedReplica replica) {
        return replica.observedReplica().aheadOfNode(matrix.at(), nodeClockShift);
    }

    List<List<String>> table() {
        List<String> heading = new ArrayList<>(List.of("issued by ↓  accepted by →"));
        matrix.replicas().forEach(replica -> heading.add(replica.name()));
        List<List<String>> table = new ArrayList<>(List.of(heading));
        for (MatrixRow row : matrix.rows()) {
            List<String> cells = new ArrayList<>(List.of(row.issuer().name()));
            for (NamedReplica judge : matrix.replicas()) {
                Finding finding = row.cells().get(cells.size() - 1).finding();
                cells.add(word(finding) + forHowLong(row.issuer(), judge, finding));
            }
            table.add(cells);
        }
        return table;
    }

    private static String word(Finding finding) {
        return finding == Finding.UNREACHABLE ? "unknown" : finding.word().replace('-', ' ');
    }

    private String forHowLong(NamedReplica issuer, NamedReplica judge, Finding finding) {
        Duration wait = matrix.wait(issuer, judge);
        return wait == null || finding != Finding.NOT_YET_VALID ? "" : " for " + ComparedReplicas.wholeSeconds(wait);
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>(access.warning().stream().toList());
        List<NamedReplica> measured = matrix.rows().stream()
                .filter(MatrixRow::isMeasured)
                .map(MatrixRow::issuer)
                .toList();
        if (!measured.isEmpty()) {
            notes.add("Measured with " + tokens + " of " + serviceAccount + " from "
                    + (measured.equals(matrix.replicas())
                            ? "each replica"
                            : NamedReplica.joined(
                                    measured.stream().map(NamedReplica::name).toList(), "and"))
                    + ".");
        }
        matrix.rows().stream()
                .filter(row -> !row.isMeasured())
                .forEach(row -> notes.add("Predicted from the clocks, not measured, for tokens of "
                        + row.issuer().name() + ": " + row.issued().unknownBecause() + "."));
        List<MeasuredConnection> failed =
                connections.stream().filter(each -> !each.isReached()).toList();
        long certificates = matrix.replicas().stream()
                .map(replica -> replica.observedReplica().certificate())
                .distinct()
                .count();
        if (connections.size() - failed.size() > 1 && certificates == 1) {
            notes.add("All connections show the same certificate, so replicas can be told apart only by their"
                    + " clocks, and replicas whose clocks agree count as one.");
        }
        if (!failed.isEmpty()) {
            notes.add(count(failed.size(), "more connection") + " failed: "
                    + failed.get(0).failure() + ".");
        }
        return notes;
    }

    @Override
    public JsonObject json() {
        JsonArray replicas = new JsonArray();
        for (NamedReplica replica : matrix.replicas()) {
            OffsetInterval offset = offset(replica);
            replicas.add(new JsonObject()
                    .put("replica", replica.name())
                    .put("connections", connections(replica))
                    .put("clockOffsetSeconds", offset == null ? null : Seconds.decimal(offset.midpoint()))
                    .put("clockUncertaintySeconds", offset == null ? null : Seconds.decimal(offset.uncertainty())));
        }
        JsonArray issuers = new JsonArray();
        for (MatrixRow row : matrix.rows()) {
            issuers.add(new JsonObject()
                    .put("issuedBy", row.issuer().name())
                    .put("measured", row.isMeasured())
                    .put("acceptedBy", cells(row)));
        }
        return new JsonObject()
                .put("verdict", matrix.worst().word())
                .put("explanation", diagnosis().sentence())
                .put("advice", diagnosis().advice())
                .put("server", access.address().hostAndPort())
                .put("context", access.context())
                .put("serviceAccount", serviceAccount)
                .put("notes", new JsonArray(notes()))
                .put("replicas", replicas)
                .put("matrix", issuers);
    }

    private JsonArray cells(MatrixRow row) {
        JsonArray cells = new JsonArray();
        for (NamedReplica judge : matrix.replicas()) {
            MatrixCell cell = row.cells().get(cells.size());
            Duration wait = switch (cell.finding()) {
                case ACCEPTED -> Duration.ZERO;
                case NOT_YET_VALID -> matrix.wait(row.issuer(), judge);
                case EXPIRED, REFUSED, UNREACHABLE -> null;
            };
            cells.add(new JsonObject()
                    .put("replica", judge.name())
                    .put("verdict", cell.finding().word())
                    .put("secondsUntilAcceptable", wait == null ? null : Seconds.decimal(wait)));
        }
        return cells;
    }
}
