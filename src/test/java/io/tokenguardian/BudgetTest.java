package io.tokenguardian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The last column of the table of packages in {@code docs/architecture.md} limits each package's lines of code. */
class BudgetTest {
    private static final Path MAIN = Path.of("src/main/java/io/tokenguardian");
    private static final Path TESTS = Path.of("src/test/java");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z./]+)` \\|.*\\| ([0-9,]+) \\|$");

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

    private static Map<String, Integer> counts() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        try (Stream<Path> main = Files.walk(MAIN);
                Stream<Path> tests = Files.walk(TESTS)) {
            List<Path> sources = Stream.concat(main, tests)
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList();
            for (Path file : sources) {
                Path directory = file.getParent();
                String row = file.startsWith(TESTS)
                        ? "src/test"
                        : MAIN.relativize(directory).toString().replace('/', '.');
                counts.merge(row, linesOfCode(Files.readString(file)), Integer::sum);
            }
        }
        return counts;
    }

    @Test
    void noPackageHasMoreLinesOfCodeThanItsBudget() throws IOException {
        Map<String, Integer> budgets = ROW.matcher(Files.readString(Path.of("docs/architecture.md")))
                .results()
                .collect(Collectors.toMap(
                        row -> row.group(1),
                        row -> Integer.parseInt(row.group(2).replace(",", ""))));

        Map<String, Integer> counts = counts();

        counts.forEach((row, lines) -> System.out.printf("%-16s%,8d of %,8d%n", row, lines, budgets.get(row)));
        assertThat(budgets).containsOnlyKeys(counts.keySet());
        assertThat(counts).allSatisfy((row, lines) -> assertThat(lines).as(row).isLessThanOrEqualTo(budgets.get(row)));
    }
}
