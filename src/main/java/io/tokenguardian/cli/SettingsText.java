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
 * The list of settings, in the output formats of the {@code settings} command.
 *
 * <p>{@code kubectl create configmap --from-env-file}, {@code kubectl set env -e -} and {@code docker run --env-file}
 * read lines of the form NAME=VALUE, where each value ends at the end of its line and has no quotes. Lines of the form
 * NAME='VALUE' are for a shell, and for kubelet's {@code fileKeyRef} (Kubernetes, KEP-3721).
 */
record SettingsText(Settings.Listing listing) {
    private static final List<String> HEAD = List.of("SETTING", "VALUE", "FROM", "DEFAULT");

    /** Returns a table, with each error below the line of its setting. A default that equals the value is left out. */
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
     * Returns a line NAME=VALUE for each setting.
     *
     * @throws SettingException if a value can't be written in one line
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

    /** Returns a line NAME='VALUE' for each setting. A multi-line value takes up several lines. */
    String shell() {
        return lines(value -> "'" + value.replace("'", "'\\''") + "'");
    }

    /** Returns the lines. The line is a comment unless the setting is set, valid and shown in full. */
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

    /** Whether the line sets the setting. If not, it is a comment. */
    private static boolean isLive(Settings.Listed setting) {
        return setting.error() == null && setting.written() != null;
    }

    /**
     * Whether a line NAME=VALUE can hold this value. It can't hold a value in quotes, because some readers remove the
     * quotes.
     */
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
