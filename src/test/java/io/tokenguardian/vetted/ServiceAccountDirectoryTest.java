package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import io.tokenguardian.vetted.VettedSettings.TokenContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceAccountDirectoryTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Verdict ACCEPTED = new Verdict.Accepted(NOON, null);
    private static final Verdict REFUSED = new Verdict.Refused(TokenStatuses.ADDRESS, null);
    private static final Verdict SILENT = new Verdict.Unreachable("no answer");
    private static final Token TOKEN =
            TestTokens.issuedAt(NOON).expiresAt(NOON.plusSeconds(600)).token();
    private static final Token NEXT = TestTokens.issuedAt(NOON.plusSeconds(480)).token();

    private final BreakingDisk disk = new BreakingDisk();
    private Instant now = NOON;
    private String bundle = "the CA";
    private Path source = Path.of("unset");
    private Path path = Path.of("unset");
    private ServiceAccountDirectory directory = directory(new FileAccess(null));

    @BeforeEach
    void make(@TempDir Path temporary) throws IOException {
        source = Files.writeString(temporary.resolve("source"), "the token's file");
        path = temporary.resolve("vetted");
        directory = directory(new FileAccess(null));
    }

    private ServiceAccountDirectory directory(FileAccess access) {
        return directory(TokenContent.ACCEPTED, access);
    }

    private ServiceAccountDirectory directory(TokenContent content, FileAccess access) {
        return new ServiceAccountDirectory(
                path, source, () -> bundle.getBytes(UTF_8), content, access, disk, () -> now);
    }

    @Test
    void anAcceptedTokenIsWrittenWithCaAndNamespace() throws IOException {
        VettedOutput.WriteOutcome outcome = directory.update(status(ACCEPTED, TOKEN));

        assertThat(outcome).isEqualTo(VettedOutput.WriteOutcome.WRITTEN);
        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
        assertThat(path.resolve("ca.crt")).hasContent("the CA");
        assertThat(path.resolve("namespace")).hasContent("shop");
    }

    @Test
    void aTokenThatIsNotAcceptedIsNotWritten() throws IOException {
        assertThat(directory.update(status(new Verdict.Pending(), TOKEN))).isEqualTo(VettedOutput.WriteOutcome.WAITING);
        assertThat(directory.update(status(REFUSED, TOKEN))).isEqualTo(VettedOutput.WriteOutcome.WITHDRAWN);

        assertThat(path).doesNotExist();
    }

    @Test
    void anUnchangedStatusWritesNothing() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));
        Path before = path.resolve("..data").toRealPath();

        directory.update(status(ACCEPTED, TOKEN));

        assertThat(path.resolve("..data").toRealPath()).isEqualTo(before);
    }

    @Test
    void aPromotedTokenReplacesThePreviousToken() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));

        directory.update(status(ACCEPTED, NEXT));

        assertThat(path.resolve("token")).hasContent(NEXT.bearer());
    }

    private VettedOutput.WriteOutcome refusedFor(ServiceAccountDirectory refused, Duration time) throws IOException {
        refused.update(status(REFUSED, TOKEN));
        now = now.plus(time);
        return refused.update(status(REFUSED, TOKEN));
    }

    @Test
    void aTokenThatNoReplicaAcceptsStaysForHalfAMinute() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));

        VettedOutput.WriteOutcome outcome = refusedFor(directory, ServiceAccountDirectory.DEAD_FOR.minusMillis(1));

        assertThat(outcome).isEqualTo(VettedOutput.WriteOutcome.WRITTEN);
        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    @Test
    void aTokenThatNoReplicaAcceptsForHalfAMinuteIsRemoved() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));

        VettedOutput.WriteOutcome outcome = refusedFor(directory, ServiceAccountDirectory.DEAD_FOR);

        assertThat(outcome).isEqualTo(VettedOutput.WriteOutcome.WITHDRAWN);
        assertThat(Files.exists(path.resolve("token"))).isFalse();
        assertThat(path.resolve("ca.crt")).exists();
    }

    @Test
    void anAcceptanceRestartsTheHalfMinute() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));
        refusedFor(directory, ServiceAccountDirectory.DEAD_FOR.minusMillis(1));
        directory.update(TokenStatuses.usable(status(REFUSED, TOKEN), TOKEN));

        assertThat(refusedFor(directory, ServiceAccountDirectory.DEAD_FOR.minusMillis(1)))
                .isEqualTo(VettedOutput.WriteOutcome.WRITTEN);
    }

    @Test
    void aTokenAcceptedBySomeReplicasIsNotWrittenAsTheFirst() throws IOException {
        directory.update(TokenStatuses.usable(status(REFUSED, TOKEN), TOKEN));

        assertThat(path).doesNotExist();
    }

    @Test
    void aTokenAcceptedBySomeReplicasReplacesARefusedToken() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));

        VettedOutput.WriteOutcome outcome = directory.update(TokenStatuses.usable(status(REFUSED, NEXT), NEXT));

        assertThat(outcome).isEqualTo(VettedOutput.WriteOutcome.WRITTEN);
        assertThat(path.resolve("token")).hasContent(NEXT.bearer());
    }

    @Test
    void aTokenAcceptedBySomeReplicasIsWrittenAfterARemoval() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));
        refusedFor(directory, ServiceAccountDirectory.DEAD_FOR);

        directory.update(TokenStatuses.usable(status(REFUSED, NEXT), NEXT));

        assertThat(path.resolve("token")).hasContent(NEXT.bearer());
    }

    @Test
    void aRestartedGuardianWritesATokenAcceptedBySomeReplicas() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));

        directory(new FileAccess(null)).update(TokenStatuses.usable(status(REFUSED, NEXT), NEXT));

        assertThat(path.resolve("token")).hasContent(NEXT.bearer());
    }

    @Test
    void aTokenThatIsAcceptedAgainIsWrittenAgain() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));
        refusedFor(directory, ServiceAccountDirectory.DEAD_FOR);

        directory.update(status(ACCEPTED, TOKEN));

        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    @Test
    void theTokenOfAnEarlierRunIsRemovedAfterHalfAMinuteOfRefusals() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));

        refusedFor(directory(new FileAccess(null)), ServiceAccountDirectory.DEAD_FOR);

        assertThat(Files.exists(path.resolve("token"))).isFalse();
    }

    @Test
    void theTokenOfAnEarlierRunStaysWhileNothingIsKnown() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));
        ServiceAccountDirectory restarted = directory(new FileAccess(null));

        assertThat(restarted.update(status(new Verdict.Pending(), TOKEN))).isEqualTo(VettedOutput.WriteOutcome.WAITING);
        assertThat(restarted.update(status(SILENT, TOKEN))).isEqualTo(VettedOutput.WriteOutcome.WAITING);

        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    @Test
    void anUnreachableApiServerDoesNotRemoveAToken() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));
        directory.update(status(SILENT, TOKEN));
        now = now.plus(ServiceAccountDirectory.DEAD_FOR);

        directory.update(status(SILENT, TOKEN));

        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    @Test
    void aChangedCaIsCopiedAgain() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));
        bundle = "the next CA";

        directory.update(status(ACCEPTED, TOKEN));

        assertThat(path.resolve("ca.crt")).hasContent("the next CA");
    }

    @ParameterizedTest
    @CsvSource({"rw-------, rw-------", "rw-r-----, rw-r-----", "rw-r--r--, rw-r-----", "r--r--r--, rw-r-----"})
    void withoutAModeTheTokenIsNoMoreAccessibleThanItsSource(String sourceMode, String mode) throws IOException {
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString(sourceMode));

        directory.update(status(ACCEPTED, TOKEN));

        assertThat(mode(path.resolve("token"))).isEqualTo(mode);
        assertThat(mode(path.resolve("ca.crt"))).isEqualTo("rw-r--r--");
        assertThat(mode(path.resolve("namespace"))).isEqualTo("rw-r--r--");
    }

    @Test
    void theModeFromTheSettingMayBeWiderThanTheSources() throws IOException {
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-------"));

        directory(new FileAccess(PosixFilePermissions.fromString("r--r--r--"))).update(status(ACCEPTED, TOKEN));

        assertThat(mode(path.resolve("token"))).isEqualTo("r--r--r--");
    }

    @Test
    void aWriteToAFullVolumeIsRetried() throws IOException {
        disk.fault = "No space left on device";
        assertThatThrownBy(() -> directory.update(status(ACCEPTED, TOKEN))).isInstanceOf(IOException.class);
        disk.fault = null;

        directory.update(status(ACCEPTED, TOKEN));

        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    @Test
    void aRefusedTokenIsRemovedEvenFromAFullVolume() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));
        disk.fault = "No space left on device";

        assertThat(refusedFor(directory, ServiceAccountDirectory.DEAD_FOR))
                .isEqualTo(VettedOutput.WriteOutcome.WITHDRAWN);

        assertThat(Files.exists(path.resolve("token"))).isFalse();
    }

    @Test
    void thePreviousTokenIsRewrittenIfAWriteFailsAfterTheSwitch() throws IOException {
        directory.update(status(ACCEPTED, TOKEN));
        disk.unsynced = path;
        assertThatThrownBy(() -> directory.update(status(ACCEPTED, NEXT))).isInstanceOf(IOException.class);
        assertThat(path.resolve("token")).hasContent(NEXT.bearer());
        disk.unsynced = null;

        directory.update(status(ACCEPTED, TOKEN));

        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    private ServiceAccountDirectory placeholders() {
        return directory(TokenContent.PLACEHOLDER, new FileAccess(null));
    }

    @Test
    void aPlaceholderIsWrittenWhateverTheVerdictIs() throws IOException {
        for (Verdict verdict : new Verdict[] {new Verdict.Pending(), REFUSED, SILENT, ACCEPTED}) {
            ServiceAccountDirectory placeholders = placeholders();

            VettedOutput.WriteOutcome outcome = placeholders.update(status(verdict, TOKEN));

            assertThat(outcome).isEqualTo(VettedOutput.WriteOutcome.WRITTEN);
            assertThat(path.resolve("token")).hasContent(TOKEN.placeholder());
            assertThat(path.resolve("ca.crt")).hasContent("the CA");
            assertThat(path.resolve("namespace")).hasContent("shop");
        }
    }

    @Test
    void aPlaceholderIsOfTheNewestTokenAndStaysWithoutAToken() throws IOException {
        ServiceAccountDirectory placeholders = placeholders();
        assertThat(placeholders.update(TokenStatuses.of(NOON, new Verdict.Unreadable("no file"))))
                .isEqualTo(VettedOutput.WriteOutcome.WAITING);
        placeholders.update(status(REFUSED, TOKEN));
        placeholders.update(status(REFUSED, NEXT));

        VettedOutput.WriteOutcome outcome =
                placeholders.update(TokenStatuses.of(NOON, new Verdict.Unreadable("no file")));

        assertThat(outcome).isEqualTo(VettedOutput.WriteOutcome.WRITTEN);
        assertThat(path.resolve("token")).hasContent(NEXT.placeholder());
    }

    @Test
    void aPlaceholderIsWorldReadableUnlessAModeIsSet() throws IOException {
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-------"));

        placeholders().update(status(ACCEPTED, TOKEN));
        assertThat(mode(path.resolve("token"))).isEqualTo("rw-r--r--");

        directory(TokenContent.PLACEHOLDER, new FileAccess(PosixFilePermissions.fromString("r--------")))
                .update(status(ACCEPTED, TOKEN));
        assertThat(mode(path.resolve("token"))).isEqualTo("r--------");
    }

    @Test
    void aUsableTokenIsWrittenAndRemovedLikeAnAcceptedToken() throws IOException {
        ServiceAccountDirectory usable = directory(TokenContent.USABLE, new FileAccess(null));
        usable.update(status(ACCEPTED, TOKEN));
        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());

        assertThat(refusedFor(usable, ServiceAccountDirectory.DEAD_FOR)).isEqualTo(VettedOutput.WriteOutcome.WITHDRAWN);

        assertThat(Files.exists(path.resolve("token"))).isFalse();
    }

    private static TokenStatus status(Verdict verdict, Token token) {
        return TokenStatuses.of(NOON.plus(Duration.ofSeconds(1)), verdict, token);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
