package io.tokenguardian.cli;

import io.tokenguardian.config.Settings;
import io.tokenguardian.token.PrintableText;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The list of settings, in the output formats of the {@code settings} command. */
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
}
