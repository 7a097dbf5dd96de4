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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code README.zh-CN.md} has the same content as {@code README.md}, as far as this can be compared. */
class TranslationTest {
    private static final Path ORIGINAL = Path.of("README.md");
    private static final Path TRANSLATION = Path.of("README.zh-CN.md");

    @Test
    void itHasTheSameBlocksToPasteUnderAsManyHeadings() throws IOException {
        assertThat(outsideOfBlocks(TRANSLATION).filter(line -> line.startsWith("#")))
                .extracting(heading -> heading.replaceFirst("[^#].*", ""))
                .containsExactlyElementsOf(outsideOfBlocks(ORIGINAL)
                        .filter(line -> line.startsWith("#"))
                        .map(heading -> heading.replaceFirst("[^#].*", ""))
                        .toList());
        for (String language : List.of("console", "yaml", "")) {
            assertThat(Readme.blocks(TRANSLATION, language))
                    .as(language)
                    .extracting(Readme.Block::text)
                    .containsExactlyElementsOf(Readme.blocks(ORIGINAL, language).stream()
                            .map(Readme.Block::text)
                            .toList());
        }
    }

    /**
     * Names in code, table cells, and the addresses of links. Links within the page are only counted, because their
     * anchors come from its own headings.
     */
    @ParameterizedTest
    @ValueSource(strings = {"`[^`]+`", "(?<!\\\\)\\|", "\\]\\((?!#|README)[^)]+\\)", "\\]\\(#"})
    void eachRowOfATableHasTheSame(String part) throws IOException {
        assertThat(rows(TRANSLATION, part)).hasSizeGreaterThan(20).containsExactlyElementsOf(rows(ORIGINAL, part));
    }

    private static List<List<String>> rows(Path page, String part) throws IOException {
        return outsideOfBlocks(page)
                .filter(line -> line.startsWith("|"))
                .map(row -> Pattern.compile(part)
                        .matcher(row)
                        .results()
                        .map(MatchResult::group)
                        .sorted()
                        .toList())
                .toList();
    }

    private static Stream<String> outsideOfBlocks(Path page) throws IOException {
        return Files.readString(page).replaceAll("(?ms)^```.*?^```$", "").lines();
    }
}
