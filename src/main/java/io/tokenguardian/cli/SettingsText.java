package io.tokenguardian.cli;

import io.tokenguardian.command.TextTable;
import io.tokenguardian.config.Settings;
import io.tokenguardian.token.PrintableText;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The list of settings, in the output formats of the {@code settings} command. */
record SettingsText(Settings.Listing listing) {
    private static final List<String> HEAD = List.of("SETTING", "VALUE", "FROM", "DEFAULT");

    /** Returns a table, with each error below the line of its setting. A default that equals the value is left out. */
    String table() {
        List<List<String>> rows = new ArrayList<>(List.of(HEAD));
        listing.settings().forEach(setting -> rows.add(cells(setting)));
        List<String> lines = TextTable.lines(rows);
        StringBuilder table = new StringBuilder(lines.get(0)).append('\n');
        for (int i = 0; i < listing.settings().size(); i++) {
            table.append(lines.get(i + 1)).append('\n');
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
}
