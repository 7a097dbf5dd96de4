package io.tokenguardian;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The text to paste in README.md and other pages, and the names of settings. */
public final class Readme {
    private static final Path FILE = Path.of("README.md");
    private static final Path REFERENCE = Path.of("docs/reference.md");
    private static final String FENCE = "```";

    private Readme() {}

    /**
     * A fenced block.
     *
     * @param heading the last heading before the block
     * @param language the language that its first line names; empty if it names none
     */
    public record Block(String heading, String language, String text) {}

    /** All blocks of {@code language} in the README, in order. */
    public static List<Block> blocks(String language) {
        return blocks(FILE, language);
    }

    /** All blocks of {@code language} in {@code page}, in order. */
    public static List<Block> blocks(Path page, String language) {
        return blocks(page).stream()
                .filter(block -> block.language().equals(language))
                .toList();
    }

    /** The text of the only block of {@code language} in {@code page} under this heading. */
    public static String block(Path page, String language, String heading) {
        return blocks(page, language).stream()
                .filter(block -> block.heading().equals(heading))
                .map(Block::text)
                .findFirst()
                .orElseThrow();
    }

    /** The names in the table of settings {@code guardian.*}. */
    public static List<String> settings() {
        return settingRows().stream()
                .map(row -> row.split("`", -1)[1])
                .filter(name -> name.startsWith("guardian."))
                .toList();
    }

    /** The rows of the table of settings, for {@code guardian.*} and for Quarkus's settings. */
    public static List<String> settingRows() {
        return text(REFERENCE)
                .lines()
                .filter(line -> line.startsWith("| `guardian.") || line.startsWith("| `quarkus."))
                .toList();
    }

    private static List<Block> blocks(Path page) {
        List<Block> blocks = new ArrayList<>();
        String heading = "";
        Iterator<String> lines = text(page).lines().iterator();
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.startsWith("#")) {
                heading = line.replaceFirst("^#+ ", "");
            } else if (line.startsWith(FENCE)) {
                blocks.add(new Block(heading, line.substring(FENCE.length()), textOf(lines)));
            }
        }
        return blocks;
    }

    private static String textOf(Iterator<String> lines) {
        StringBuilder text = new StringBuilder();
        for (String line = lines.next(); !line.equals(FENCE); line = lines.next()) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    static String text(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
