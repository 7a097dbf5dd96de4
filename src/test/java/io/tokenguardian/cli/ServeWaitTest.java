package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.config.Settings;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.testing.DefaultSettings;
import io.tokenguardian.verdict.TokenTerms;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServeWaitTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Settings SETTINGS = DefaultSettings.all();
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** A guardian with a sequence of responses. The last response repeats. Pauses take no real time. */
    private static final class Serve implements ServeWait.Source {
        private final Deque<Callable<String>> words = new ArrayDeque<>();
        private final List<Duration> pauses = new ArrayList<>();
        private Instant now = NOON;
        private boolean running;

        Serve says(String json) {
            words.add(() -> json);
            return this;
        }

        Serve isSilent() {
            words.add(() -> {
                throw new IOException("no program listens at 127.0.0.1:8002");
            });
            return this;
        }

        Serve runs() {
            running = true;
            return this;
        }

        @Override
        public String status(Duration limit) throws IOException {
            try {
                return (words.size() > 1 ? words.remove() : words.element()).call();
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public void pause(Duration pause) {
            pauses.add(pause);
            now = now.plus(pause);
        }

        @Nullable
        WaitOutcome await(AcceptedBy acceptedBy) throws InterruptedException {
            return new ServeWait(this, SETTINGS, acceptedBy, NOON.plus(TIMEOUT), () -> now).await();
        }
    }

    private static String status(String verdict, boolean usable, boolean filesWritten, String left) {
        return status(verdict, usable, filesWritten, left, SETTINGS.tokenFile().toString());
    }

    private static String status(String verdict, boolean usable, boolean filesWritten, String left, String tokenPath) {
        return """
                {"verdict":"%s","usable":%s,"explanation":"What is so.","advice":"What to do.",
                 "secondsUntilAcceptable":%s,
                 "serve":{"tokenPath":"%s","apiServer":"%s","filesWritten":%s,"secondsUntilUsable":%s}}""".formatted(
                        verdict,
                        usable,
                        left,
                        tokenPath,
                        SETTINGS.apiServer().address().hostAndPort(),
                        filesWritten,
                        usable ? "null" : left);
    }

    private static String status(String verdict) {
        return status(verdict, verdict.equals("accepted"), true, "null");
    }

    @ParameterizedTest
    @CsvSource({"accepted, EVERY", "accepted, ANY"})
    void whatItAcceptsIsAccepted(String verdict, AcceptedBy acceptedBy) throws Exception {
        assertThat(new Serve().says(status(verdict)).await(acceptedBy))
                .isEqualTo(new WaitOutcome(true, 0, "accepted: What is so.\n"));
    }

    @Test
    void byAnyAUsableTokenIsEnough() throws Exception {
        assertThat(new Serve().says(status("not-yet-valid", true, true, "600")).await(AcceptedBy.ANY))
                .isEqualTo(new WaitOutcome(true, 0, "usable: What is so.\n"));
    }

    @Test
    void byEveryAUsableTokenIsNot() throws Exception {
        assertThat(new Serve().says(status("not-yet-valid", true, true, "600")).await(AcceptedBy.EVERY))
                .isEqualTo(new WaitOutcome(
                        false, 3, "not-yet-valid: What is so.\nThat is past the timeout. What to do.\n"));
    }

    @ParameterizedTest
    @CsvSource({"59.999, 0", "60, 0", "60.001, 3"})
    void onlyWhatIsPastTheTimeoutIsNotWaitedFor(String left, int exitCode) throws Exception {
        WaitOutcome outcome = new Serve()
                .says(status("not-yet-valid", false, true, left))
                .says(status("accepted"))
                .await(AcceptedBy.EVERY);

        assertThat(outcome).isNotNull().extracting(WaitOutcome::exitCode).isEqualTo(exitCode);
    }

    @Test
    void theFilesAreWaitedFor() throws Exception {
        Serve serve = new Serve().says(status("accepted", true, false, "null")).says(status("accepted"));

        WaitOutcome outcome = serve.await(AcceptedBy.EVERY);

        assertThat(outcome).isNotNull().extracting(WaitOutcome::isMet).isEqualTo(true);
        assertThat(serve.pauses).hasSize(1);
    }

    @Test
    void filesThatAreNotWrittenByTheTimeoutAreMissing() throws Exception {
        assertThat(new Serve().says(status("accepted", true, false, "null")).await(AcceptedBy.EVERY))
                .isEqualTo(
                        new WaitOutcome(
                                false,
                                6,
                                "accepted: What is so.\nThe guardian that serves here has not written its vetted files; its log says why.\n"));
    }

    @ParameterizedTest
    @CsvSource({"refused, 5", "expired, 4"})
    void whatTimeDoesNotHealEndsTheWaitOnceTheTokenIsNotYoungAnyMore(String verdict, int exitCode) throws Exception {
        Serve serve = new Serve().says(status(verdict));

        WaitOutcome outcome = serve.await(AcceptedBy.EVERY);

        assertThat(outcome).isNotNull().extracting(WaitOutcome::exitCode).isEqualTo(exitCode);
        assertThat(serve.now)
                .isBetween(
                        NOON.plus(TokenTerms.YOUNG), NOON.plus(TokenTerms.YOUNG).plusMillis(100));
    }

    @ParameterizedTest
    @CsvSource({"unreadable, 6", "unreachable, 7", "pending, 7"})
    void whatMayBecomeBetterIsWaitedForUntilTheTimeout(String verdict, int exitCode) throws Exception {
        Serve serve = new Serve().says(status(verdict));

        WaitOutcome outcome = serve.await(AcceptedBy.EVERY);

        assertThat(outcome).isNotNull().extracting(WaitOutcome::exitCode).isEqualTo(exitCode);
        assertThat(serve.now).isEqualTo(NOON.plus(TIMEOUT));
    }

    @Test
    void thePausesDoubleUpTo100Milliseconds() throws Exception {
        Serve serve = new Serve().says(status("pending"));

        serve.await(AcceptedBy.EVERY);

        assertThat(serve.pauses)
                .startsWith(
                        Duration.ofMillis(10),
                        Duration.ofMillis(20),
                        Duration.ofMillis(40),
                        Duration.ofMillis(80),
                        Duration.ofMillis(100),
                        Duration.ofMillis(100));
    }

    @Test
    void whereNobodyServesThisProcessJudges() throws Exception {
        assertThat(new Serve().isSilent().await(AcceptedBy.EVERY)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{}", "<html>", "{\"serve\":{}}", "{\"verdict\":\"accepted\",\"usable\":true}"})
    void whatIsNoGuardianIsNotFollowed(String response) throws Exception {
        assertThat(new Serve().says(response).await(AcceptedBy.EVERY)).isNull();
    }

    @Test
    void aGuardianOfAnotherTokenIsNotFollowed() throws Exception {
        assertThat(new Serve()
                        .runs()
                        .says(status("accepted", true, true, "null", "/another/token"))
                        .await(AcceptedBy.EVERY))
                .isNull();
    }

    @Test
    void aGuardianThatNeverListensIsUnreachableAtTheTimeout() throws Exception {
        Serve serve = new Serve().runs().isSilent();

        WaitOutcome outcome = serve.await(AcceptedBy.EVERY);

        assertThat(outcome).isEqualTo(new WaitOutcome(false, 7, """
                        unreachable: The guardian that serves here does not respond: no program listens at 127.0.0.1:8002.
                        Its log and its live health check say why.
                        """));
        assertThat(serve.now).isEqualTo(NOON.plus(TIMEOUT));
    }

    @Test
    void aGuardianThatIsBackIsFollowedAgain() throws Exception {
        WaitOutcome outcome = new Serve()
                .says(status("pending"))
                .isSilent()
                .says(status("accepted"))
                .await(AcceptedBy.EVERY);

        assertThat(outcome).isNotNull().extracting(WaitOutcome::isMet).isEqualTo(true);
    }
}
