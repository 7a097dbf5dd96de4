package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class UpstreamStateTest {

    private static final Path SOURCE = Path.of("src/main/java/io/tokenguardian/proxy/upstream/UpstreamState.java");

    private static List<String> diagram() throws IOException {
        List<String> changes = new ArrayList<>();
        Matcher matcher =
                Pattern.compile("^ \\*  (\\w+) ──► (\\w+) ", Pattern.MULTILINE).matcher(Files.readString(SOURCE));
        while (matcher.find()) {
            UpstreamState next = UpstreamState.valueOf(matcher.group(2));
            boolean closed = next == UpstreamState.CLOSED;
            (matcher.group(1).equals("any")
                            ? Stream.of(UpstreamState.values())
                                    .filter(each -> each.isOpen() || (closed && each == UpstreamState.CLOSING))
                            : Stream.of(UpstreamState.valueOf(matcher.group(1))))
                    .forEach(each -> changes.add(each + " " + next));
        }
        return changes;
    }

    @Test
    void theDiagramShowsEachChangeOfTheTable() throws IOException {
        List<String> table = Stream.of(UpstreamState.values())
                .flatMap(from ->
                        Stream.of(UpstreamState.values()).filter(from::leadsTo).map(to -> from + " " + to))
                .toList();

        assertThat(diagram()).containsExactlyInAnyOrderElementsOf(table);
    }
}
