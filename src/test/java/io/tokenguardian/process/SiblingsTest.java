package io.tokenguardian.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.process.Siblings.Sibling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiblingsTest {
    @TempDir
    @Nullable
    Path proc;

    private Path ours = Path.of("");
    private Path others = Path.of("");

    @BeforeEach
    void startThisProcess() throws IOException {
        ours = Files.createFile(proc().resolve("token-guardian"));
        others = Files.createFile(proc().resolve("sh"));
        process("7", ours, "token-guardian", "-Da=b", "wait", "--timeout", "1m");
    }

    private Path proc() {
        return Objects.requireNonNull(proc);
    }

    private void process(String id, Path executable, String... words) throws IOException {
        Path directory = Files.createDirectory(proc().resolve(id));
        Files.createSymbolicLink(directory.resolve("exe"), executable);
        Files.writeString(directory.resolve("cmdline"), String.join("\0", words) + "\0");
        Files.writeString(directory.resolve("environ"), "A=1\0B=x=y\0");
    }

    private boolean found(Sibling sibling) {
        return new Siblings(proc(), "7").anyMatch(3, sibling::equals);
    }

    @Test
    void anotherProcessOfTheProgramHasItsOtherWordsAndItsEnvironment() throws IOException {
        process("1", ours, "/bin/token-guardian", "-Da=b", "serve");

        assertThat(found(new Sibling(List.of("serve"), Map.of("A", "1", "B", "x=y"))))
                .isTrue();
    }

    @Test
    void withoutOtherWordsItHasNone() throws IOException {
        process("1", ours, "token-guardian", "-Da=b");

        assertThat(found(new Sibling(List.of(), Map.of("A", "1", "B", "x=y")))).isTrue();
    }

    @Test
    void withOtherPropertiesItIsNone() throws IOException {
        process("1", ours, "token-guardian", "-Da=c", "serve");

        assertThat(new Siblings(proc(), "7").anyMatch(3, sibling -> true)).isFalse();
    }

    @Test
    void anotherProgramIsNone() throws IOException {
        process("1", others, "token-guardian", "-Da=b", "serve");

        assertThat(new Siblings(proc(), "7").anyMatch(3, sibling -> true)).isFalse();
    }

    @Test
    void thisProcessIsNotAnother() {
        assertThat(new Siblings(proc(), "7").anyMatch(3, sibling -> true)).isFalse();
    }

    @Test
    void aProcessThatHasEndedIsNone() throws IOException {
        Files.createDirectory(proc().resolve("8"));

        assertThat(new Siblings(proc(), "7").anyMatch(3, sibling -> true)).isFalse();
    }

    @Test
    void withoutSuchADirectoryThereIsNone() {
        assertThat(new Siblings(Path.of("/nowhere"), "7").anyMatch(3, sibling -> true))
                .isFalse();
    }
}
