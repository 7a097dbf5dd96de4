package io.tokenguardian;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** README.md, as far as it has text to paste. */
public final class Readme {
    private static final Path FILE = Path.of("README.md");
    private static final String FENCE = "```";

    private Readme() {}

    /**
     * A fenced block.
     *
     * @param heading the last one before it
     * @param language what its first line names; empty where that names none
     */
    public record Block(String heading, String language, String text) {}

    /** All blocks of {@code language}, in order. */
    public static List<Block> blocks(String language) {
        return blocks().stream()
                .filter(block -> block.language().equals(language))
                .toList();
    }

    private static List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        String heading = "";
        Iterator<String> lines = text().lines().iterator();
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

    private static String text() {
        try {
            return Files.readString(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
