package io.tokenguardian.cli;

import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.Settings;
import io.tokenguardian.token.PrintableText;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The list of settings, in the formats of {@code settings}.
 *
 * <p>{@code kubectl create configmap --from-env-file}, {@code kubectl set env -e -} and {@code docker run --env-file}
 * read the lines NAME=VALUE: a value ends with its line, and has no quotes. The lines NAME='VALUE' are for a shell, and
 * for kubelet's {@code fileKeyRef} (Kubernetes, KEP-3721).
 */
record SettingsText(Settings.Listing listing) {
    private static final List<String> HEAD = List.of("SETTING", "VALUE", "FROM", "DEFAULT");

    /** Columns, with what is wrong below each line. The default is left out where it is the value. */
    String table() {
        List<List<String>> rows =
                listing.settings().stream().map(SettingsText::cells).toList();
        List<Integer> widths = IntStream.range(0, HEAD.size())
                .map(column -> Stream.concat(Stream.of(HEAD), rows.stream())
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElseThrow())
                .boxed()
                .toList();
        StringBuilder table = new StringBuilder(line(HEAD, widths));
        for (int i = 0; i < rows.size(); i++) {
            table.append(line(rows.get(i), widths));
            String error = listing.settings().get(i).error();
            table.append(error == null ? "" : "  ^ wrong: " + PrintableText.of(error) + "\n");
        }
        listing.errors().forEach(error -> table.append("wrong: " + PrintableText.of(error) + "\n"));
        return table.toString();
    }

    /**
     * A line NAME=VALUE for each setting.
     *
     * @throws SettingException if a value does not fit into a line
     */
    String env() {
        for (Settings.Listed setting : listing.settings()) {
            if (isLive(setting) && !isLine(orEmpty(setting.written()))) {
                throw new SettingException(
                        setting.name() + ": a line NAME=VALUE can't have this value, with its control"
                                + " characters or with quotes around it; use -o shell");
            }
        }
        return lines(value -> value);
    }

    /** A line NAME='VALUE' for each setting; a value of several lines is several lines. */
    String shell() {
        return lines(value -> "'" + value.replace("'", "'\\''") + "'");
    }

    /** Each setting is a comment unless it is set, right, and shown whole. */
    private String lines(UnaryOperator<String> quote) {
        StringBuilder lines = new StringBuilder();
        listing.errors().forEach(error -> lines.append("# wrong: " + PrintableText.of(error) + "\n"));
        for (Settings.Listed setting : listing.settings()) {
            String error = setting.error();
            String written = orEmpty(setting.written());
            String shown = PrintableText.of(written.isEmpty() ? orEmpty(setting.value()) : written);
            lines.append(error == null ? "" : "# wrong: " + PrintableText.of(error) + "\n")
                    .append(isLive(setting) ? "" : "# ")
                    .append(setting.variable() + "=" + quote.apply(isLive(setting) ? written : shown) + "\n");
        }
        return lines.toString();
    }

    /** Whether the line sets the setting; otherwise it is a comment. */
    private static boolean isLive(Settings.Listed setting) {
        return setting.error() == null && setting.written() != null;
    }

    /** Whether a line NAME=VALUE can have this value: not if it is in quotes, which some readers remove. */
    private static boolean isLine(String value) {
        return PrintableText.of(value).equals(value) && !value.matches("(['\"]).*\\1");
    }

    JsonObject json() {
        return new JsonObject()
                .put(
                        "settings",
                        new JsonArray(listing.settings().stream()
                                .map(setting -> new JsonObject()
                                        .put("name", setting.name())
                                        .put("variable", setting.variable())
                                        .put("value", setting.value())
                                        .put("from", setting.origin())
                                        .put("default", setting.defaultText())
                                        .put("error", setting.error()))
                                .toList()))
                .put("errors", new JsonArray(listing.errors()));
    }

    private static List<String> cells(Settings.Listed setting) {
        String value = setting.value() == null ? setting.defaultText() : setting.value();
        return Stream.of(
                        setting.name(),
                        value,
                        setting.origin(),
                        setting.defaultText().equals(value) ? "" : setting.defaultText())
                .map(PrintableText::of)
                .toList();
    }

    private static String line(List<String> cells, List<Integer> widths) {
        return IntStream.range(0, cells.size())
                        .mapToObj(column -> cells.get(column)
                                + " "
                                        .repeat(widths.get(column)
                                                - cells.get(column).length()))
                        .collect(Collectors.joining("  "))
                        .stripTrailing()
                + "\n";
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
