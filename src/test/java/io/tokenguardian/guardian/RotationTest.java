package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Search;
import io.tokenguardian.status.StatusLog;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each kind of rotation: its rule and its log line. */
class RotationTest {
    private static final Instant SECOND = NOON.truncatedTo(ChronoUnit.SECONDS);

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    private final Replica replica = new Replica("replica", Duration.ZERO);
    private final World world = World.of(replica);
    private final Token token = TestTokens.issuedAt(SECOND).token();

    @BeforeEach
    void logChanges() {
        StatusLog statusLog = new StatusLog(world.time.timeline(), wakeAfter -> {});
        world.guardian.onChange(statusLog);
        world.guardian.onTokenStatus(statusLog::acceptHeld);
    }

    /** Returns a token that becomes acceptable this many seconds after noon. */
    private static Token acceptableAfter(int seconds) {
        return TestTokens.issuedAt(SECOND.plusSeconds(60 + seconds)).token();
    }

    @Test
    void rotationsFasterThanTokensBecomeValidDelayNoAcceptance() {
        world.read(token).runUntilAccepted();
        Token first = acceptableAfter(30);

        world.read(first).runFor(Duration.ofSeconds(2));
        for (int i = 1; i < 15; i++) {
            world.read(acceptableAfter(30 + 2 * i)).runFor(Duration.ofSeconds(2));
        }

        world.runFor(Duration.ofMillis(200));
        assertThat(world.tokenSource.best()).isEqualTo(first);
        assertThat(world.candidate()).isNotNull();
    }

    @Test
    void rotationsBeforeTheFirstAcceptanceDoNotDelayIt() {
        Token first = acceptableAfter(10);

        for (int i = 0; i < 6; i++) {
            world.read(i == 0 ? first : acceptableAfter(10 + 2 * i)).runFor(Duration.ofSeconds(2));
        }

        assertThat(world.tokenSource.best()).isEqualTo(first);
    }

    @Test
    void onlyTheAwaitedCandidateAndTheNewestHaveConnections() {
        world.read(token).runUntilAccepted();

        for (int i = 0; i < 10; i++) {
            world.read(acceptableAfter(300 + 2 * i)).runFor(Duration.ofSeconds(2));
        }

        assertThat(world.apiServer.open).isLessThanOrEqualTo(2 * Search.AT_ONCE);
    }

    @Test
    void theNewestOfSeveralAcceptedTokensIsInUse() {
        world.read(token).runUntilAccepted();
        Token newest = TestTokens.issuedAt(SECOND).token();
        world.read(acceptableAfter(30)).runFor(Duration.ofSeconds(2));

        world.read(newest).runFor(Duration.ofSeconds(1));

        assertThat(world.tokenSource.best()).isEqualTo(newest);
        assertThat(world.apiServer.open).isZero();
    }

    @Test
    void aRefusedCandidateLeavesTheTokenInUseAndIsLogged() {
        world.read(token).runUntilAccepted();
        replica.instead = new ProbeOutcome.Unauthorized();
        Token wrong =
                TestTokens.issuedAt(SECOND.minusSeconds(60)).audience("vault").token();

        world.read(wrong).runFor(Duration.ofSeconds(5));

        assertThat(world.tokenSource.best()).isEqualTo(token);
        assertThat(world.candidateVerdict()).isInstanceOf(Verdict.Refused.class);
        assertThat(log.lines())
                .anyMatch(line ->
                        line.startsWith("WARN candidate=refused The rotated token is not in use yet; the previous"
                                + " token stays in use. The API server replica replica refuses the token "));
    }

    @Test
    void aRotationDuringAnOutageIsLoggedAndCompletedAfterwards() {
        world.read(token).runUntilAccepted();
        world.apiServer.instead = new ProbeOutcome.Unreachable("10.96.0.1:443: connection refused");
        Token next = TestTokens.issuedAt(SECOND).token();

        world.read(next).runFor(Duration.ofMinutes(1));
        assertThat(world.tokenSource.best()).isEqualTo(token);
        assertThat(log.lines())
                .filteredOn(line -> line.contains("candidate="))
                .singleElement()
                .asString()
                .endsWith(" the previous token stays in use. 10.96.0.1:443: connection refused.");

        world.apiServer.instead = null;
        world.runFor(Duration.ofMinutes(1));
        assertThat(world.tokenSource.best()).isEqualTo(next);
    }

    @Test
    void aRotationBackIsLogged() {
        world.read(token).runUntilAccepted();
        world.read(acceptableAfter(60)).runFor(Duration.ofSeconds(5));

        world.read(token).runFor(Duration.ofSeconds(1));

        assertThat(candidateLines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("INFO candidate=not-yet-valid The rotated token is not in use yet; ")
                                .endsWith(" until it is 2026-03-01T12:01:00Z on its own clock."),
                        line -> assertThat(line)
                                .isEqualTo(
                                        "INFO candidate=dropped The file once again holds the token that is in use."));
    }

    @Test
    void theCandidatesVerdictIsLoggedWhenTheTokenInUseExpires() {
        Token dying =
                TestTokens.issuedAt(SECOND).expiresAt(SECOND.plusSeconds(60)).token();
        world.read(dying).runUntilAccepted();

        world.read(acceptableAfter(940)).runFor(Duration.ofSeconds(195));

        assertThat(world.tokenSource.best()).isNull();
        assertThat(log.lines()).last().asString().startsWith("WARN verdict=not-yet-valid");
    }

    private List<String> candidateLines() {
        return log.lines().stream().filter(line -> line.contains("candidate=")).toList();
    }
}
