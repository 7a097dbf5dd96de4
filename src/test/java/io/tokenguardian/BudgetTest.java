package io.tokenguardian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A sentence in {@code docs/architecture.md} limits the lines of code. */
class BudgetTest {
    private static final Path MAIN = Path.of("src/main/java/io/tokenguardian");
    private static final Path STAND_IN = MAIN.resolve("standin");
    private static final Path TESTS = Path.of("src/test/java");
    private static final Pattern LIMITS =
            Pattern.compile("the sidecar and the tools have at most ([0-9,]+), and the tests at most ([0-9,]+)\\.");

    /** A line of code has something on it besides a comment, and is no import. */
    private static int linesOfCode(String source) {
        int lines = 0;
        boolean comment = false;
        for (String line : source.lines().map(String::strip).toList()) {
            if (comment || line.startsWith("/*")) {
                comment = !line.contains("*/");
            } else if (!line.isEmpty() && !line.startsWith("//") && !line.matches("(import|package) .*")) {
                lines++;
            }
        }
        return lines;
    }

    private static int linesOfCodeIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.startsWith(STAND_IN))
                    .toList();
            int lines = 0;
            for (Path file : sources) {
                lines += linesOfCode(Files.readString(file));
            }
            return lines;
        }
    }

    @Test
    void theProgramAndTheTestsHaveNoMoreLinesOfCodeThanTheirLimits() throws IOException {
        String page = Files.readString(Path.of("docs/architecture.md"));
        MatchResult limits = LIMITS.matcher(page).results().findFirst().orElseThrow();

        int main = linesOfCodeIn(MAIN);
        int tests = linesOfCodeIn(TESTS);

        System.out.printf("lines of code: %,d and %,d of tests%n", main, tests);
        assertThat(main).isBetween(1, limit(limits.group(1)));
        assertThat(tests).isBetween(1, limit(limits.group(2)));
    }

    private static int limit(String text) {
        return Integer.parseInt(text.replace(",", ""));
    }
}
