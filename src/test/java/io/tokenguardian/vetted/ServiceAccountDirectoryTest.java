package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.guardian.Situations;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
    private static final Verdict REFUSED = new Verdict.Refused(Situations.ADDRESS);
    private static final Verdict SILENT = new Verdict.Unreachable("no answer");
    private static final Token TOKEN =
            TestTokens.issuedAt(NOON).expiresAt(NOON.plusSeconds(600)).token();
    private static final Token NEXT = TestTokens.issuedAt(NOON.plusSeconds(480)).token();

    private final BreakingDisk disk = new BreakingDisk();
    private Instant now = NOON;
    private String bundle = "the CA";
    private Path source = Path.of("unset");
    private Path path = Path.of("unset");
    private ServiceAccountDirectory directory = directory(new Access(null, null));

    @BeforeEach
    void make(@TempDir Path temporary) throws IOException {
        source = Files.writeString(temporary.resolve("source"), "the token's file");
        path = temporary.resolve("vetted");
        directory = directory(new Access(null, null));
    }

    private ServiceAccountDirectory directory(Access access) {
        return new ServiceAccountDirectory(path, source, () -> bundle.getBytes(UTF_8), access, disk, () -> now);
    }

    @Test
    void anAcceptedTokenIsWrittenWithCaAndNamespace() throws IOException {
        Output.Outcome outcome = directory.follow(situation(ACCEPTED, TOKEN));

        assertThat(outcome).isEqualTo(Output.Outcome.WRITTEN);
        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
        assertThat(path.resolve("ca.crt")).hasContent("the CA");
        assertThat(path.resolve("namespace")).hasContent("shop");
    }

    @Test
    void aTokenThatIsNotAcceptedIsNotWritten() throws IOException {
        assertThat(directory.follow(situation(new Verdict.Pending(), TOKEN))).isEqualTo(Output.Outcome.WAITING);
        assertThat(directory.follow(situation(REFUSED, TOKEN))).isEqualTo(Output.Outcome.WITHDRAWN);

        assertThat(path).doesNotExist();
    }

    @Test
    void aCandidateIsNotWritten() throws IOException {
        directory.follow(Situations.with(situation(ACCEPTED, TOKEN), NEXT));

        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    @Test
    void anUnchangedSituationWritesNothing() throws IOException {
        directory.follow(situation(ACCEPTED, TOKEN));
        Path before = path.resolve("..data").toRealPath();

        directory.follow(situation(ACCEPTED, TOKEN));

        assertThat(path.resolve("..data").toRealPath()).isEqualTo(before);
    }

    @Test
    void aPromotedTokenReplacesTheOneBefore() throws IOException {
        directory.follow(situation(ACCEPTED, TOKEN));

        directory.follow(situation(ACCEPTED, NEXT));

        assertThat(path.resolve("token")).hasContent(NEXT.bearer());
    }

    @Test
    void aTokenThatIsNoLongerAcceptedIsTakenAway() throws IOException {
        directory.follow(situation(ACCEPTED, TOKEN));

        Output.Outcome outcome = directory.follow(situation(REFUSED, TOKEN));

        assertThat(outcome).isEqualTo(Output.Outcome.WITHDRAWN);
        assertThat(path.resolve("token")).doesNotExist();
        assertThat(path.resolve("ca.crt")).exists();
    }

    @Test
    void aTokenThatIsAcceptedAgainComesBack() throws IOException {
        directory.follow(situation(ACCEPTED, TOKEN));
        directory.follow(situation(REFUSED, TOKEN));

        directory.follow(situation(ACCEPTED, TOKEN));

        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    @Test
    void theTokenOfAnEarlierRunStaysWhileNothingIsKnown() throws IOException {
        directory.follow(situation(ACCEPTED, TOKEN));
        ServiceAccountDirectory restarted = directory(new Access(null, null));

        assertThat(restarted.follow(situation(new Verdict.Pending(), TOKEN))).isEqualTo(Output.Outcome.WAITING);
        assertThat(restarted.follow(situation(SILENT, TOKEN))).isEqualTo(Output.Outcome.WAITING);

        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    @Test
    void theTokenOfAnEarlierRunGoesWithTheFirstRefusal() throws IOException {
        directory.follow(situation(ACCEPTED, TOKEN));

        directory(new Access(null, null)).follow(situation(REFUSED, TOKEN));

        assertThat(path.resolve("token")).doesNotExist();
    }

    @Test
    void onceAnythingIsKnownAPendingTokenIsNoReasonToKeepTheOneBefore() throws IOException {
        directory.follow(situation(ACCEPTED, TOKEN));

        directory.follow(situation(new Verdict.Pending(), NEXT));

        assertThat(path.resolve("token")).doesNotExist();
    }

    @Test
    void aChangedCaIsCopiedAnew() throws IOException {
        directory.follow(situation(ACCEPTED, TOKEN));
        bundle = "the next CA";

        directory.follow(situation(ACCEPTED, TOKEN));

        assertThat(path.resolve("ca.crt")).hasContent("the next CA");
    }

    @ParameterizedTest
    @CsvSource({"rw-------, rw-------", "rw-r-----, rw-r-----", "rw-r--r--, rw-r-----", "r--r--r--, rw-r-----"})
    void unlessToldTheTokenIsOpenToNobodyTheSourceIsNotOpenTo(String sourceMode, String mode) throws IOException {
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString(sourceMode));

        directory.follow(situation(ACCEPTED, TOKEN));

        assertThat(mode(path.resolve("token"))).isEqualTo(mode);
        assertThat(mode(path.resolve("ca.crt"))).isEqualTo("rw-r--r--");
        assertThat(mode(path.resolve("namespace"))).isEqualTo("rw-r--r--");
    }

    @Test
    void whatTheSettingSaysIsTheModeThoughWiderThanTheSources() throws IOException {
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-------"));

        directory(new Access(PosixFilePermissions.fromString("r--r--r--"), null))
                .follow(situation(ACCEPTED, TOKEN));

        assertThat(mode(path.resolve("token"))).isEqualTo("r--r--r--");
    }

    @Test
    void onAFullVolumeTheLastTokenStaysUntilItExpires() throws IOException {
        directory.follow(situation(ACCEPTED, TOKEN));
        disk.fault = "No space left on device";
        now = NOON.plusSeconds(600).minusMillis(1);

        assertThatThrownBy(() -> directory.follow(situation(ACCEPTED, NEXT))).isInstanceOf(IOException.class);
        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());

        now = NOON.plusSeconds(600);
        assertThatThrownBy(() -> directory.follow(situation(ACCEPTED, NEXT))).isInstanceOf(IOException.class);
        assertThat(Files.exists(path.resolve("token"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    @Test
    void aFullVolumeIsTriedAgain() throws IOException {
        disk.fault = "No space left on device";
        assertThatThrownBy(() -> directory.follow(situation(ACCEPTED, TOKEN))).isInstanceOf(IOException.class);
        disk.fault = null;

        directory.follow(situation(ACCEPTED, TOKEN));

        assertThat(path.resolve("token")).hasContent(TOKEN.bearer());
    }

    private static Situation situation(Verdict verdict, Token token) {
        return Situations.of(NOON.plus(Duration.ofSeconds(1)), verdict, token);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
