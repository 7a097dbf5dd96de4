package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs after all other tests, and searches all output of the tests and of the programs that they started. */
class NoTokenInOutputIT {
    /** Any signed JWT: three base64url parts, of which the first is a JSON object. */
    private static final Pattern TOKEN =
            Pattern.compile("eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}");

    private static final List<String> OUTPUTS = List.of("surefire-reports", "failsafe-reports", "program-output");

    @Test
    void noOutputOfTheSuiteContainsAToken() throws IOException {
        List<Path> files = files();

        List<Path> telling =
                files.stream().filter(NoTokenInOutputIT::holdsToken).toList();

        assertThat(files).hasSizeGreaterThan(20);
        assertThat(telling).isEmpty();
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> directories =
                OUTPUTS.stream().map(Path.of("target")::resolve).filter(Files::isDirectory)) {
            return directories.flatMap(NoTokenInOutputIT::files).toList();
        }
    }

    private static Stream<Path> files(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean holdsToken(Path file) {
        try {
            return TOKEN.matcher(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .find();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
