package io.tokenguardian.vetted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VettedFilesTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final TokenStatus STATUS = TokenStatuses.of(NOON, new Verdict.Pending());
    private static final Path PATH = Path.of("/vetted");

    private final Scripted output = new Scripted();
    private final VettedFiles files = files(Duration.ofHours(1));

    private VettedFiles files(Duration interval) {
        return new VettedFiles(List.of(output), () -> STATUS, interval);
    }

    /** An output whose outcome the test sets. */
    private static final class Scripted extends VettedOutput {
        final AtomicInteger asked = new AtomicInteger();
        volatile WriteOutcome outcome = WriteOutcome.WAITING;

        @Nullable
        volatile IOException failure;

        Scripted() {
            super(PATH);
        }

        @Override
        WriteOutcome update(TokenStatus tokenStatus) throws IOException {
            asked.incrementAndGet();
            IOException thrown = failure;
            if (thrown != null) {
                throw thrown;
            }
            return outcome;
        }
    }

    @Test
    void onlyChangesAreLoggedInASingleLineEach() {
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            files.update();
            output.outcome = VettedOutput.WriteOutcome.WRITTEN;
            files.update();
            files.update();
            output.failure = new FileSystemException("/vetted/..data_tmp", null, "No space left on device");
            files.update();
            files.update();
            output.failure = null;
            files.update();
            output.outcome = VettedOutput.WriteOutcome.WITHDRAWN;
            files.update();

            assertThat(log.lines())
                    .containsExactly(
                            "INFO vetted=written /vetted is written",
                            "WARN vetted=failed /vetted can't be written: /vetted/..data_tmp: No space left on device",
                            "INFO vetted=written /vetted is written",
                            "INFO vetted=withdrawn /vetted holds no token at present");
        }
    }

    @Test
    void anInaccessibleDirectoryIsExplained() {
        output.failure = new AccessDeniedException("/vetted/x");

        files.update();

        assertThat(files.states().get(0)).contains("/vetted/x is not writable for this container's user");
    }

    @Test
    void aStepOfTheNodesClockWithdrawsNoToken(@TempDir Path directory) throws IOException {
        Path source = Files.createFile(directory.resolve("source"));
        Path vetted = directory.resolve("vetted");
        Token token = TestTokens.issuedAt(NOON).token();
        AtomicReference<TokenStatus> status =
                new AtomicReference<>(TokenStatuses.of(NOON, new Verdict.Accepted(NOON, null), token));
        SimulatedTime time = new SimulatedTime(NOON);
        VettedFiles writing = VettedFiles.of(
                new VettedSettings(vetted, null, VettedSettings.TokenContent.ACCEPTED, new FileAccess(null)),
                null,
                source,
                () -> new byte[0],
                status::get,
                time.timeline());
        writing.update();
        status.set(TokenStatuses.of(NOON, new Verdict.Refused(TokenStatuses.ADDRESS, null), token));
        writing.update();

        time.stepNodeClock(Duration.ofSeconds(60));
        writing.update();

        assertThat(vetted.resolve("token")).hasContent(token.bearer());
    }

    @Test
    void anOutputWrittenOnceStaysMarkedAsWritten() {
        assertThat(files.haveAllBeenWritten()).isFalse();
        output.outcome = VettedOutput.WriteOutcome.WRITTEN;
        files.update();
        output.failure = new IOException("gone");
        files.update();

        assertThat(files.haveAllBeenWritten()).isTrue();
    }

    @Test
    void withoutOutputsNothingIsMissing() {
        VettedFiles none = new VettedFiles(List.of(), () -> STATUS, Duration.ofHours(1));
        none.start();
        none.close();

        assertThat(none.haveAllBeenWritten()).isTrue();
        assertThat(none.states()).isEmpty();
        assertThat(none.threads()).isEmpty();
    }

    @Test
    void wakingUpdatesTheOutputsAtOnce() {
        try (files) {
            files.start();
            await().until(() -> output.asked.get() == 1);

            files.wake();

            await().until(() -> output.asked.get() == 2);
        }
    }

    @Test
    void withoutWakingTheOutputsAreUpdatedOncePerInterval() {
        try (VettedFiles polling = files(Duration.ofMillis(1))) {
            polling.start();

            await().until(() -> output.asked.get() > 3);
        }
    }
}
