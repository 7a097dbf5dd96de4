package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.standin.ProjectedVolume;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.token.TokenReading.Unreadable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final TokenFile.Opener NEVER = path -> {
        throw new AssertionError("opened: " + path);
    };

    @TempDir
    Path directory;

    private final String text = TestTokens.issuedAt(NOW).text();

    private Path path() {
        return directory.resolve("token");
    }

    @Test
    void aTokenThatIsStillThereIsNotParsedAgain() throws Exception {
        // Given
        Files.writeString(path(), text);
        TokenFile file = new TokenFile(path());
        Present first = (Present) file.read();
        Files.writeString(path(), text + "\n");

        // When
        Present second = (Present) file.read();

        // Then
        assertThat(second.token()).isSameAs(first.token());
    }

    @Test
    void aTokenIsReadThroughKubeletsLinks() throws Exception {
        // Given
        ProjectedVolume volume = ProjectedVolume.create(directory.resolve("volume"), text, "the CA", "shop");
        Files.setLastModifiedTime(volume.token(), FileTime.from(NOW));

        // When
        TokenReading reading = new TokenFile(volume.token()).read();

        // Then
        assertThat(reading).isEqualTo(new Present(Token.parse(text), NOW));
    }

    @Test
    void aMissingFileIsNamed() {
        assertUnreadable(new TokenFile(path()), "does not exist");
    }

    @Test
    void aMissingDirectoryIsNamedToo() {
        // Given
        Path absent = directory.resolve("absent");

        // Then
        assertUnreadable(
                new TokenFile(absent.resolve("token")),
                "does not exist, nor does its directory " + absent + ": is the volume mounted?");
    }

    @Test
    void aDanglingLinkIsSaidToPointNowhere() throws IOException {
        // Given
        Files.createSymbolicLink(path(), Path.of("..data", "token"));

        // Then
        assertUnreadable(new TokenFile(path()), "is a symbolic link to ..data/token, which does not exist");
    }

    @Test
    void aLoopOfLinksIsUnreadable() throws IOException {
        // Given
        Files.createSymbolicLink(path(), Path.of("other"));
        Files.createSymbolicLink(directory.resolve("other"), Path.of("token"));

        // When
        TokenReading reading = new TokenFile(path(), NEVER).read();

        // Then
        assertThat(explanation(reading))
                .startsWith("token file " + path() + " cannot be read: ")
                .contains("symbolic link")
                .hasLineCount(1);
    }

    @Test
    void aFileInTheDirectorysPlaceIsUnreadable() throws IOException {
        // Given
        Files.writeString(path(), text);

        // Then
        assertUnreadable(
                new TokenFile(path().resolve("token"), NEVER), "cannot be read: " + path() + " is not a directory");
    }

    @Test
    void aDirectoryInItsPlaceIsNotOpened() throws IOException {
        // Given
        Files.createDirectory(path());

        // Then
        assertUnreadable(new TokenFile(path(), NEVER), "is a directory");
    }

    @Test
    void aFifoInItsPlaceIsNotOpened() throws Exception {
        // Given
        int exitCode = new ProcessBuilder("mkfifo", path().toString())
                .inheritIO()
                .start()
                .waitFor();
        assertThat(exitCode).isZero();

        // Then
        assertUnreadable(new TokenFile(path(), NEVER), "is not a regular file");
    }

    @Test
    void aFileThatTheUserMayNotReadIsExplained() throws IOException {
        // Given
        Files.writeString(path(), text);
        TokenFile file = new TokenFile(path(), path -> {
            throw new AccessDeniedException(path.toString());
        });

        // Then
        assertUnreadable(
                file,
                "may not be read by this container's user; fsGroup in the pod's securityContext gives the group"
                        + " access");
    }

    @Test
    void aFailureToReadIsExplained() throws IOException {
        // Given
        Files.writeString(path(), text);
        TokenFile file = new TokenFile(path(), path -> {
            throw new IOException("Input/output error");
        });

        // Then
        assertUnreadable(file, "cannot be read: Input/output error");
    }

    @Test
    void aFailureWithoutAReasonIsNamed() throws IOException {
        // Given
        Files.writeString(path(), text);
        TokenFile file = new TokenFile(path(), path -> {
            throw new IOException();
        });

        // Then
        assertUnreadable(file, "cannot be read: IOException");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", " \r\n\t"})
    void aFileOfNoTextIsEmpty(String content) throws IOException {
        // Given
        Files.writeString(path(), content);

        // Then
        assertUnreadable(new TokenFile(path()), "is empty");
    }

    @ParameterizedTest
    @ValueSource(ints = {64 * 1024 - 1, 64 * 1024})
    void aFileOfUpTo64KibIsRead(int size) throws Exception {
        // Given
        Files.writeString(path(), text + "\n".repeat(size - text.length()));

        // When
        TokenReading reading = new TokenFile(path()).read();

        // Then
        assertThat(reading)
                .isInstanceOfSatisfying(
                        Present.class,
                        present -> assertThat(present.token().bearer()).isEqualTo(text));
    }

    @Test
    void aFileOfMoreThan64KibIsNotOpened() throws IOException {
        // Given
        Files.writeString(path(), text + "\n".repeat(64 * 1024 + 1 - text.length()));

        // Then
        assertUnreadable(new TokenFile(path(), NEVER), "is larger than 64 KiB");
    }

    @Test
    void aFileThatNeverEndsIsReadNoFurtherThanTheLimit() throws IOException {
        // Given
        Files.writeString(path(), text);
        AtomicInteger bytesRead = new AtomicInteger();
        TokenFile file = new TokenFile(path(), path -> new InputStream() {
            @Override
            public int read() {
                bytesRead.incrementAndGet();
                return 'x';
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                Arrays.fill(into, offset, offset + length, (byte) 'x');
                bytesRead.addAndGet(length);
                return length;
            }
        });

        // Then
        assertUnreadable(file, "is larger than 64 KiB");
        assertThat(bytesRead).hasValue(64 * 1024 + 1);
    }

    @Test
    void bytesOutsideAsciiAreNoText() throws IOException {
        // Given
        byte[] content = (text + "\u00e4").getBytes(StandardCharsets.UTF_8);
        Files.write(path(), content);

        // Then
        assertUnreadable(new TokenFile(path()), "is not text: it contains non-ASCII bytes");
    }

    @Test
    void aHalfWrittenTokenIsNoToken() throws IOException {
        // Given
        Files.writeString(path(), text.substring(0, text.lastIndexOf('.') - 1));

        // Then
        assertUnreadable(
                new TokenFile(path()),
                "holds no service-account token: not a JWT: header, payload and signature are expected");
    }

    @Test
    void aFileThatIsReplacedWhileItIsReadIsReadAgain() throws Exception {
        // Given
        ProjectedVolume volume = ProjectedVolume.create(directory.resolve("volume"), text, "the CA", "shop");
        Files.setLastModifiedTime(volume.token(), FileTime.from(NOW));
        String rotated = TestTokens.issuedAt(NOW.plusSeconds(3600)).text();
        AtomicInteger opened = new AtomicInteger();
        TokenFile file = new TokenFile(volume.token(), path -> {
            InputStream in = Files.newInputStream(path);
            if (opened.incrementAndGet() == 1) {
                volume.rotate(rotated);
                Files.setLastModifiedTime(path, FileTime.from(NOW.plusSeconds(3600)));
            }
            return in;
        });

        // When
        TokenReading reading = file.read();

        // Then
        assertThat(reading).isEqualTo(new Present(Token.parse(rotated), NOW.plusSeconds(3600)));
    }

    @Test
    void aFileThatVanishesForAMomentIsReadAgain() throws Exception {
        // Given
        Files.writeString(path(), text);
        AtomicInteger opened = new AtomicInteger();
        TokenFile file = new TokenFile(path(), path -> {
            if (opened.incrementAndGet() == 1) {
                throw new NoSuchFileException(path.toString());
            }
            return Files.newInputStream(path);
        });

        // When
        TokenReading reading = file.read();

        // Then
        assertThat(reading).isInstanceOf(Present.class);
    }

    @Test
    void aFileThatIsRemovedWhileItIsReadDoesNotExist() throws IOException {
        // Given
        Files.writeString(path(), text);
        TokenFile file = new TokenFile(path(), path -> {
            InputStream in = Files.newInputStream(path);
            Files.delete(path);
            return in;
        });

        // Then
        assertUnreadable(file, "does not exist");
    }

    @Test
    void aFileThatKeepsChangingIsGivenUp() throws IOException {
        // Given
        Files.writeString(path(), text);
        AtomicInteger opened = new AtomicInteger();
        TokenFile file = new TokenFile(path(), path -> {
            InputStream in = Files.newInputStream(path);
            Files.setLastModifiedTime(path, FileTime.from(NOW.plusSeconds(opened.incrementAndGet())));
            return in;
        });

        // Then
        assertUnreadable(file, "keeps changing while it is read");
        assertThat(opened).hasValue(3);
    }

    @Test
    void theMountIsTheDirectoryOfTheLink() {
        assertThat(new TokenFile(Path.of("/mount/token")).mount()).isEqualTo(Path.of("/mount"));
        assertThat(new TokenFile(Path.of("token")).mount())
                .isEqualTo(Path.of("").toAbsolutePath());
        assertThat(new TokenFile(Path.of("/")).mount()).isEqualTo(Path.of("/"));
    }

    private void assertUnreadable(TokenFile file, String what) {
        TokenReading reading = file.read();
        assertThat(reading).isEqualTo(new Unreadable("token file " + file.path() + " " + what));
        TokenTest.assertShowsNothingOf(text, explanation(reading).replace(directory.toString(), ""));
    }

    private static String explanation(TokenReading reading) {
        assertThat(reading).isInstanceOf(Unreadable.class);
        return ((Unreadable) reading).explanation();
    }
}
