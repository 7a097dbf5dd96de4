package io.tokenguardian.vetted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenCopyTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Verdict ACCEPTED = new Verdict.Accepted(NOON, null);
    private static final Verdict REFUSED = new Verdict.Refused(TokenStatuses.ADDRESS);
    private static final Token TOKEN =
            TestTokens.issuedAt(NOON).expiresAt(NOON.plusSeconds(600)).token();
    private static final Token NEXT = TestTokens.issuedAt(NOON.plusSeconds(480)).token();

    private final BreakingDisk disk = new BreakingDisk();
    private Instant now = NOON;
    private Path source = Path.of("unset");
    private Path path = Path.of("unset");
    private TokenCopy copy = copy(new FileAccess(null));

    @BeforeEach
    void make(@TempDir Path temporary) throws IOException {
        source = Files.writeString(temporary.resolve("source"), "the token's file");
        path = temporary.resolve("vault").resolve("token");
        copy = copy(new FileAccess(null));
    }

    private TokenCopy copy(FileAccess access) {
        return new TokenCopy(path, source, access, disk, () -> now);
    }

    @Test
    void anAcceptedTokenIsWritten() throws IOException {
        VettedOutput.WriteOutcome outcome = copy.update(status(ACCEPTED, TOKEN));

        assertThat(outcome).isEqualTo(VettedOutput.WriteOutcome.WRITTEN);
        assertThat(path).hasContent(TOKEN.bearer());
    }

    @Test
    void anUnchangedStatusWritesNothing() throws IOException {
        copy.update(status(ACCEPTED, TOKEN));
        Files.setLastModifiedTime(path, FileTime.from(NOON));

        copy.update(status(ACCEPTED, TOKEN));

        assertThat(Files.getLastModifiedTime(path)).isEqualTo(FileTime.from(NOON));
    }

    @Test
    void aRefusedTokenIsRemovedEvenFromAFullVolume() throws IOException {
        copy.update(status(ACCEPTED, TOKEN));
        disk.fault = "No space left on device";

        assertThat(refusedForHalfAMinute(copy)).isEqualTo(VettedOutput.WriteOutcome.WITHDRAWN);
        assertThat(path).doesNotExist();
    }

    private VettedOutput.WriteOutcome refusedForHalfAMinute(TokenCopy refused) throws IOException {
        refused.update(status(REFUSED, TOKEN));
        now = now.plus(TokenPublisher.DEAD_FOR);
        return refused.update(status(REFUSED, TOKEN));
    }

    @ParameterizedTest
    @CsvSource({"rw-------, rw-------", "rw-r--r--, rw-r-----"})
    void withoutAModeTheCopyIsNoMoreAccessibleThanItsSource(String sourceMode, String mode) throws IOException {
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString(sourceMode));

        copy.update(status(ACCEPTED, TOKEN));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo(mode);
    }

    @Test
    void theModeIsThatOfTheSetting() throws IOException {
        copy(new FileAccess(PosixFilePermissions.fromString("r--r--r--"))).update(status(ACCEPTED, TOKEN));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("r--r--r--");
    }

    @Test
    void aVolumeThatIsWritableAgainIsWrittenTo() throws IOException {
        disk.fault = "Read-only file system";
        assertThatThrownBy(() -> copy.update(status(ACCEPTED, TOKEN))).isInstanceOf(IOException.class);
        disk.fault = null;

        copy.update(status(ACCEPTED, TOKEN));

        assertThat(path).hasContent(TOKEN.bearer());
        try (Stream<Path> beside = Files.list(path.resolveSibling(""))) {
            assertThat(beside).containsExactly(path);
        }
    }

    @Test
    void thePreviousTokenIsRewrittenIfAWriteFailsAfterTheSwitch() throws IOException {
        copy.update(status(ACCEPTED, TOKEN));
        disk.syncFault = "Input/output error";
        assertThatThrownBy(() -> copy.update(status(ACCEPTED, NEXT))).isInstanceOf(IOException.class);
        assertThat(path).hasContent(NEXT.bearer());
        disk.syncFault = null;

        copy.update(status(ACCEPTED, TOKEN));

        assertThat(path).hasContent(TOKEN.bearer());
    }

    @Test
    void aDirectoryAtTheCopysPathIsNotRemoved() throws IOException {
        Files.createDirectories(path);

        assertThatThrownBy(() -> copy.update(status(ACCEPTED, TOKEN))).isInstanceOf(IOException.class);
        refusedForHalfAMinute(copy);

        assertThat(path).isEmptyDirectory();
    }

    @Test
    void aKillAtAnyTimeLeavesACompleteOldOrNewToken() throws IOException {
        for (int changes = 0; changes < 6; changes++) {
            copy(new FileAccess(null)).update(status(ACCEPTED, TOKEN));
            TokenCopy killed =
                    new TokenCopy(path, source, new FileAccess(null), new BreakingDisk().killAfter(changes), () -> now);

            try {
                killed.update(status(ACCEPTED, NEXT));
            } catch (BreakingDisk.Killed e) {
                // the test kills the write on purpose
            }

            assertThat(Files.readString(path)).isIn(TOKEN.bearer(), NEXT.bearer());
        }
    }

    private static TokenStatus status(Verdict verdict, Token token) {
        return TokenStatuses.of(NOON.plusSeconds(1), verdict, token);
    }
}
