package io.tokenguardian.laptop;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.laptop.AcceptanceMatrix.Cell;
import io.tokenguardian.laptop.AcceptanceMatrix.Row;
import io.tokenguardian.status.CheckSvg;
import io.tokenguardian.token.PrintableText;
import io.tokenguardian.verdict.Finding;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * @param tokens what each replica has issued, such as {@code a ten-minute token}
 * @param met how many connections reached a replica
 * @param failures why each of the other connections failed, in one line
 * @param nodeClockShift how far this machine's clock has shifted relative to the local timeline
 */
record CrossCheckReport(
        String context,
        String server,
        String serviceAccount,
        String tokens,
        int met,
        List<String> failures,
        @Nullable String warning,
        AcceptanceMatrix matrix,
        Duration nodeClockShift) {

    private static final String CORNER = "issued by ↓  accepted by →";

    static CrossCheckReport of(
            ClusterAccess access,
            String serviceAccount,
            String tokens,
            List<Contact> contacts,
            AcceptanceMatrix matrix,
            Duration nodeClockShift) {
        return new CrossCheckReport(
                access.context(),
                access.address().hostAndPort(),
                serviceAccount,
                tokens,
                (int) contacts.stream().filter(Contact::isMet).count(),
                contacts.stream()
                        .filter(each -> !each.isMet())
                        .map(Contact::failure)
                        .toList(),
                access.warning().orElse(null),
                matrix,
                nodeClockShift);
    }

    String text() {
        SkewSentence sentence = new SkewSentence(matrix);
        StringBuilder text = new StringBuilder();
        text.append(sentence.sentence()).append('\n');
        if (!sentence.advice().isEmpty()) {
            text.append(sentence.advice()).append('\n');
        }
        text.append('\n');
        line(text, "Server", whatWasMet());
        for (MetReplica replica : matrix.replicas()) {
            OffsetInterval offset = offset(replica);
            line(
                    text,
                    "Replica",
                    replica.name() + "  " + count(replica.contacts().size(), "connection") + ", "
                            + (offset == null ? "clock unknown" : clock(offset)));
        }
        notes().forEach(note -> line(text, "Note", note));
        text.append('\n');
        table().forEach(each -> text.append(each.stripTrailing()).append('\n'));
        return text.toString();
    }

    private String whatWasMet() {
        return server + "  context " + context + ", " + count(met, "connection") + " to "
                + count(matrix.replicas().size(), "replica");
    }

    /** Describes a clock's offset. A clock is in step if the interval of its offset includes zero. */
    private static String clock(OffsetInterval offset) {
        if (offset.contains(Duration.ZERO)) {
            return String.format(
                    Locale.ROOT, "clock in step with this machine's, ± %.2f s", Seconds.of(offset.uncertainty()));
        }
        return String.format(
                Locale.ROOT,
                "clock %.2f s ± %.2f s %s this machine's",
                Seconds.of(offset.midpoint().abs()),
                Seconds.of(offset.uncertainty()),
                offset.midpoint().isNegative() ? "behind" : "ahead of");
    }

    private static void line(StringBuilder text, String label, String value) {
        text.append(String.format(Locale.ROOT, "%-9s", label))
                .append(PrintableText.of(value))
                .append('\n');
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    List<String> table() {
        int first = matrix.replicas().stream()
                .mapToInt(each -> each.name().length())
                .reduce(CORNER.length(), Math::max);
        List<Integer> widths = new ArrayList<>();
        StringBuilder head = new StringBuilder(padded(CORNER, first));
        for (int column = 0; column < matrix.replicas().size(); column++) {
            int index = column;
            String name = matrix.replicas().get(column).name();
            int width = matrix.rows().stream()
                    .mapToInt(row -> words(row.cells().get(index)).length())
                    .reduce(name.length(), Math::max);
            widths.add(width);
            head.append("  ").append(padded(name, width));
        }
        List<String> lines = new ArrayList<>(List.of(head.toString()));
        for (Row row : matrix.rows()) {
            StringBuilder line = new StringBuilder(padded(row.issuer().name(), first));
            for (int column = 0; column < widths.size(); column++) {
                line.append("  ").append(padded(words(row.cells().get(column)), widths.get(column)));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private static String words(Cell cell) {
        return (word(cell) + " " + forHowLong(cell)).strip();
    }

    private static String word(Cell cell) {
        return switch (cell.finding()) {
            case ACCEPTED -> "accepted";
            case NOT_YET_VALID -> "not yet valid";
            case EXPIRED -> "expired";
            case REFUSED -> "refused";
            case UNREACHABLE -> "unknown";
        };
    }

    private static String forHowLong(Cell cell) {
        boolean known = cell.finding() == Finding.NOT_YET_VALID && cell.left() != null;
        return known ? "for " + SkewSentence.wholeSeconds(cell.left()) : "";
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (warning != null) {
            notes.add(warning);
        }
        List<Row> rows = matrix.rows();
        String measured = "Measured with " + tokens + " of " + serviceAccount + " from each replica";
        List<@Nullable String> reasons = new ArrayList<>();
        rows.forEach(row -> reasons.add(row.predictedBecause()));
        if (reasons.stream().distinct().count() == 1) {
            String reason = reasons.get(0);
            notes.add(reason == null ? measured + "." : "Predicted from the clocks, not measured: " + reason + ".");
        } else {
            if (reasons.contains(null)) {
                notes.add(measured + " but these:");
            }
            for (Row row : rows) {
                if (!row.isMeasured()) {
                    notes.add("The row of " + row.issuer().name() + " is predicted from the clocks, not measured: "
                            + row.predictedBecause() + ".");
                }
            }
        }
        if (met > 1 && certificates() == 1) {
            notes.add("All connections show the same certificate, so replicas can be told apart only by their"
                    + " clocks, and replicas whose clocks agree count as one.");
        }
        if (!failures.isEmpty()) {
            notes.add(count(failures.size(), "more connection") + " failed: " + failures.get(0) + ".");
        }
        return notes;
    }

    private long certificates() {
        return matrix.replicas().stream()
                .map(each -> each.contacts().get(0).certificate())
                .distinct()
                .count();
    }

    String svg() {
        return CheckSvg.of(drawn());
    }

    CheckSvg.Table drawn() {
        SkewSentence sentence = new SkewSentence(matrix);
        List<CheckSvg.Row> rows = new ArrayList<>();
        for (Row row : matrix.rows()) {
            OffsetInterval offset = offset(row.issuer());
            rows.add(new CheckSvg.Row(
                    row.issuer().name(),
                    offset == null ? "clock unknown" : clock(offset),
                    row.cells().stream()
                            .map(cell -> new CheckSvg.Cell(cell.finding(), word(cell), forHowLong(cell)))
                            .toList()));
        }
        List<String> notes = new ArrayList<>(List.of("Server " + whatWasMet()));
        notes.addAll(notes());
        return new CheckSvg.Table(
                matrix.worst(),
                matrix.replicas().size() > 1 && !sentence.advice().isEmpty(),
                sentence.sentence(),
                sentence.advice(),
                matrix.replicas().stream().map(MetReplica::name).toList(),
                rows,
                notes,
                "checked at " + matrix.at().plus(nodeClockShift).truncatedTo(ChronoUnit.SECONDS)
                        + " by this machine's clock");
    }

    JsonObject json() {
        SkewSentence sentence = new SkewSentence(matrix);
        JsonArray replicas = new JsonArray();
        for (MetReplica replica : matrix.replicas()) {
            OffsetInterval offset = offset(replica);
            replicas.add(new JsonObject()
                    .put("replica", replica.name())
                    .put("connections", replica.contacts().size())
                    .put("clockOffsetSeconds", offset == null ? null : Seconds.decimal(offset.midpoint()))
                    .put("clockUncertaintySeconds", offset == null ? null : Seconds.decimal(offset.uncertainty())));
        }
        JsonArray issuers = new JsonArray();
        for (Row row : matrix.rows()) {
            issuers.add(new JsonObject()
                    .put("issuedBy", row.issuer().name())
                    .put("measured", row.isMeasured())
                    .put("acceptedBy", cells(row)));
        }
        return new JsonObject()
                .put("verdict", matrix.worst().word())
                .put("explanation", sentence.sentence())
                .put("advice", sentence.advice())
                .put("server", server)
                .put("context", context)
                .put("serviceAccount", serviceAccount)
                .put("notes", new JsonArray(notes()))
                .put("replicas", replicas)
                .put("matrix", issuers);
    }

    private JsonArray cells(Row row) {
        JsonArray cells = new JsonArray();
        for (int column = 0; column < row.cells().size(); column++) {
            Cell cell = row.cells().get(column);
            Duration left = cell.finding() == Finding.ACCEPTED ? Duration.ZERO : cell.left();
            cells.add(new JsonObject()
                    .put("replica", matrix.replicas().get(column).name())
                    .put("verdict", cell.finding().word())
                    .put("secondsUntilAcceptable", left == null ? null : Seconds.decimal(left)));
        }
        return cells;
    }

    private @Nullable OffsetInterval offset(MetReplica replica) {
        OffsetInterval offset = replica.offset(matrix.at());
        return offset == null ? null : offset.minus(nodeClockShift);
    }
}
