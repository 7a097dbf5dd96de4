package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.SimulatedApiServer;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.guardian.World;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class StatusLogTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();
    private static final Verdict ACCEPTED = new Verdict.Accepted(NOON, TokenStatuses.USER);

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    private Instant now = NOON;
    private final List<Duration> wakes = new ArrayList<>();
    private final StatusLog statusLog = new StatusLog(() -> now, wakes::add);
    private @Nullable TokenStatus told;

    /** Reports a status as a guardian does, and again after the time for which a first refusal is held back. */
    private void tell(TokenStatus tokenStatus) {
        tell(tokenStatus, 0);
        now = now.plus(StatusLog.HELD_BACK);
        statusLog.acceptHeld(tokenStatus);
    }

    private void tell(Verdict verdict, Token token) {
        tell(TokenStatuses.of(NOON, verdict, token));
    }

    private void tell(TokenStatus tokenStatus, int millis) {
        now = now.plusMillis(millis);
        if (tokenStatus.isChangeFrom(told)) {
            told = tokenStatus;
            statusLog.accept(tokenStatus);
        }
        statusLog.acceptHeld(tokenStatus);
    }

    @Test
    void anAcceptanceIsLoggedAsInformation() {
        tell(ACCEPTED, TOKEN);

        assertThat(log.lines())
                .containsExactly("INFO verdict=accepted token=first issued=2026-03-01T12:00:00Z"
                        + " expires=2027-03-01T12:00:00Z The API server accepts the token of"
                        + " system:serviceaccount:shop:cart.");
    }

    @Test
    void aStaleCallerIsLoggedAsAWarning() {
        StaleCaller caller =
                new StaleCaller("app/1 (linux)", NOON, NOON.minusSeconds(600), NOON.plusSeconds(60), 1, NOON, false);

        StaleCaller foreign = new StaleCaller("app", null, null, null, 1, NOON, false);

        statusLog.acceptCaller(caller);
        statusLog.acceptCaller(foreign);

        assertThat(log.lines())
                .containsExactly(
                        "WARN caller=stale user-agent=app/1-(linux) "
                                + StaleCallerText.of(caller).text(),
                        "WARN caller=foreign user-agent=app "
                                + StaleCallerText.of(foreign).text());
    }

    @Test
    void aFirstRefusalIsLoggedIfItLasts300Milliseconds() {
        tell(TokenStatuses.of(NOON, notYet(NOON.plusSeconds(75)), TOKEN), 0);
        TokenStatus refused = TokenStatuses.of(NOON, new Verdict.Refused(TokenStatuses.ADDRESS, null), TOKEN);
        tell(refused, 299);
        assertThat(log.lines()).isEmpty();

        tell(refused, 1);

        assertThat(words()).containsExactly("verdict=refused");
        assertThat(wakes).containsExactly(StatusLog.HELD_BACK);
    }

    @Test
    void aRefusalOverruledByAReplicaWithin300MillisecondsIsNotLogged() {
        tell(TokenStatuses.of(NOON, notYet(NOON.plusSeconds(75)), TOKEN), 0);

        tell(ACCEPTED, TOKEN);

        assertThat(words()).containsExactly("verdict=accepted");
    }

    @Test
    void aRefusalOfATokenThatWasAcceptedIsLoggedAtOnce() {
        tell(ACCEPTED, TOKEN);

        tell(TokenStatuses.of(NOON, new Verdict.Refused(TokenStatuses.ADDRESS, null), TOKEN), 1);

        assertThat(words()).containsExactly("verdict=accepted", "verdict=refused");
    }

    @Test
    void aWaitIsLoggedOnceEvenIfItsPredictedEndChanges() {
        tell(notYet(NOON.plusSeconds(75)), TOKEN);
        tell(notYet(NOON.plusSeconds(74)), TOKEN);

        assertThat(log.lines()).hasSize(1);
    }

    @Test
    void aRotationToATokenWithTheSameClaimsIsLogged() {
        Token twin = TestTokens.issuedAt(NOON).token();

        tell(ACCEPTED, TOKEN);
        tell(ACCEPTED, twin);
        tell(ACCEPTED, twin);

        assertThat(log.lines()).hasSize(2).last().asString().contains(" token=rotated ");
    }

    @Test
    void withoutATokenTheLogKeysAreKept() {
        tell(TokenStatuses.of(NOON, new Verdict.Unreadable("token file /token is empty")));

        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN verdict=unreadable token=none issued=- expires=- Token file /token is empty.");
    }

    @Test
    void controlCharactersAreEscaped() {
        String user = "a\nINFO verdict=accepted\u001b[2J\u2028b\u202ec\u0085d";

        tell(new Verdict.Accepted(NOON, user), TOKEN);

        assertThat(log.lines())
                .singleElement()
                .asString()
                .contains("a\\u000aINFO verdict=accepted\\u001b[2J\\u2028b\\u202ec\\u0085d.")
                .doesNotContainPattern("[\\p{Cc}\\p{Cf}\\u2028]");
    }

    @Test
    void pendingIsNotLoggedAndDoesNotRepeatTheLastVerdict() {
        tell(ACCEPTED, TOKEN);
        tell(new Verdict.Pending(), TOKEN);
        tell(ACCEPTED, TOKEN);

        assertThat(words()).containsExactly("verdict=accepted");
    }

    @Test
    void aChangedReasonForUnreachableIsLogged() {
        tell(new Verdict.Unreachable("10.96.0.1:443: connection refused"), TOKEN);
        tell(new Verdict.Unreachable("10.96.0.1:443: connection refused"), TOKEN);
        tell(new Verdict.Unreachable("10.96.0.1:443 answered 503"), TOKEN);

        assertThat(log.lines()).hasSize(2);
    }

    private List<String> words() {
        return log.lines().stream().map(line -> line.split(" ", -1)[1]).toList();
    }

    private static Verdict notYet(Instant by) {
        Duration behind = Duration.ofSeconds(-75);
        return new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, NOON, by, by, new OffsetInterval(behind, behind));
    }

    @Test
    void anUnreadableFileIsLoggedWhileTheLastTokenIsKept() {
        World world = World.of(new SimulatedApiServer.Replica("good", Duration.ZERO))
                .read(TestTokens.issuedAt(World.NOON).token())
                .runUntilAccepted();

        world.readNothing().runFor(Duration.ofSeconds(1));

        assertThat(log.lines())
                .anyMatch(line ->
                        line.contains("token=kept /token: no such file; the guardian continues with the tokens that it"
                                + " read before"));
    }

    @Test
    void becomingUsableAndUnusableAreLoggedOnceEach() {
        TokenStatus refused = TokenStatuses.of(NOON, notYet(NOON.plusSeconds(75)), TOKEN);
        TokenStatus usable = TokenStatuses.usable(refused, TOKEN);

        tell(refused);
        tell(usable);
        tell(usable);
        tell(refused);

        assertThat(log.lines())
                .hasSize(3)
                .satisfiesExactly(
                        line -> assertThat(line).doesNotContain("usable="),
                        line -> assertThat(line)
                                .startsWith("WARN verdict=not-yet-valid token=same ")
                                .contains("Z usable=true 10.96.0.1:443's clock is "),
                        line -> assertThat(line)
                                .startsWith("WARN verdict=not-yet-valid token=same ")
                                .contains("Z usable=false 10.96.0.1:443's clock is "));
    }

    @Test
    void aWrongClockAndItsCorrectionAreLoggedOnceEach() {
        statusLog.acceptClocks(withClock(-75));
        statusLog.acceptClocks(withClock(-76));
        statusLog.acceptClocks(withClock(0));
        statusLog.acceptClocks(withClock(1));

        assertThat(log.lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith(
                                        "WARN clock=off replica=cp-2 cp-2's clock is 1 min 15 s behind this node's. "),
                        line -> assertThat(line)
                                .isEqualTo(
                                        "INFO clock=right replica=cp-2 The warning about the clock of cp-2 has ended."));
    }

    @Test
    void warningsDoNotChangeWhileTheTokenIsNotAccepted() {
        statusLog.acceptClocks(withClock(-75));
        statusLog.acceptClocks(TokenStatuses.of(NOON, notYet(NOON.plusSeconds(75)), TOKEN));
        statusLog.acceptClocks(withClock(-74));

        assertThat(log.lines()).hasSize(1);
    }

    private static TokenStatus withClock(int seconds) {
        return TokenStatuses.with(
                TokenStatuses.of(NOON, ACCEPTED, TOKEN),
                TokenStatuses.named("cp-1", NOON, Duration.ZERO),
                TokenStatuses.named("cp-2", NOON, Duration.ofSeconds(seconds)));
    }
}
