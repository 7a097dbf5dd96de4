package io.tokenguardian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Links between pages lead to a file that exists, and to a heading in it. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("(?:\\]\\(|^\\[[^\\]]+\\]: *)<?([^)>\\s]+)", Pattern.MULTILINE);
    private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.*)$", Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

    /**
     * Pages that GitHub provides in addition to the files, two directories above a page at the root. They can't be
     * checked here.
     */
    private static final Pattern FORGE =
            Pattern.compile("\\.\\./\\.\\./(compare|issues|releases|security)/.*|\\.\\./(blob|security)/.*");

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String directory : List.of("", "docs", "k8s", "bench", ".github")) {
            Path root = Path.of(directory);
            try (Stream<Path> files = directory.isEmpty() ? Files.list(root) : Files.walk(root)) {
                files.map(Path::normalize)
                        .filter(file -> file.toString().endsWith(".md"))
                        .forEach(pages::add);
            }
        }
        return pages;
    }

    private static String text(Path page) throws IOException {
        return CODE.matcher(Files.readString(page)).replaceAll("");
    }

    /**
     * The anchors of the headings, as GitHub names them: in lower case, without punctuation, with a number if the name
     * has occurred before.
     */
    static Set<String> anchors(String text) {
        Map<String, Integer> seen = new LinkedHashMap<>();
        Set<String> anchors = new HashSet<>();
        HEADING.matcher(text).results().forEach(heading -> {
            String shown = heading.group(1).replaceAll("\\]\\([^)]*\\)", "").strip();
            String name = shown.toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}\\p{M}_ -]", "")
                    .replace(' ', '-');
            int before = seen.merge(name, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? name : name + "-" + before);
        });
        return anchors;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsToAFileAndAHeadingThatAreThere(Path page) throws IOException {
        List<String> broken = new ArrayList<>();
        for (String link : links(text(page))) {
            if (!ELSEWHERE.matcher(link).matches() && !FORGE.matcher(link).matches() && !leads(page, link)) {
                broken.add(link);
            }
        }

        assertThat(broken).isEmpty();
    }

    private static List<String> links(String text) {
        return LINK.matcher(text).results().map(link -> link.group(1)).toList();
    }

    private static boolean leads(Path page, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        if (parts.length == 1 || !file.toString().endsWith(".md")) {
            return Files.exists(file);
        }
        return Files.isRegularFile(file) && anchors(text(file)).contains(parts[1]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "the server has asked for the client to provide credentials",
                "You must be logged in to the server (Unauthorized)",
                "invalid bearer token",
                "square/go-jose: error in cryptographic primitive",
                "crypto/rsa: verification error",
                "no keys found",
                "Service account may have been revoked",
                "Token has been invalidated",
                "seconds after warning threshold",
                "stale token",
                "system:anonymous",
                "service account token is not valid yet",
                "has expired"
            })
    void theReadmeHasTheWordsAndTheirRowHasALink(String words) throws IOException {
        Path page = Path.of("docs/troubleshooting.md");

        List<String> rows = text(page)
                .lines()
                .dropWhile(line -> !line.equals("## Words"))
                .filter(line -> line.matches("\\| [^|]*`" + Pattern.quote(words) + "`.*"))
                .toList();

        assertThat(Files.readString(Path.of("README.md"))).contains("`" + words + "`", "troubleshooting.md#words");
        assertThat(rows).singleElement().satisfies(row -> assertThat(links(row)).isNotEmpty());
    }

    @Test
    void eachAlertsRunbookIsItsHeadingInTroubleshooting() throws IOException {
        String rules = Files.readString(Path.of("k8s/monitoring/rules.yaml"));
        List<String> alerts = Pattern.compile("- alert: (\\w+)")
                .matcher(rules)
                .results()
                .map(alert -> alert.group(1).toLowerCase(Locale.ROOT))
                .toList();
        List<String> runbooks = Pattern.compile(
                        "runbook_url: https://github\\.com/[\\w-]+/token-guardian/blob/main/docs/troubleshooting\\.md#(\\S+)")
                .matcher(rules)
                .results()
                .map(url -> url.group(1))
                .toList();

        assertThat(alerts).isNotEmpty();
        assertThat(runbooks).isEqualTo(alerts);
        assertThat(anchors(Files.readString(Path.of("docs/troubleshooting.md"))))
                .containsAll(runbooks);
    }
}
