package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StaleCallersTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Duration LEEWAY = Duration.ofSeconds(60);
    private static final Token OLD = issuedAt(NOON);
    private static final Instant ROTATED = NOON.plus(Duration.ofMinutes(48));
    private static final Token NEW = issuedAt(ROTATED);
    private static final Instant LATER = ROTATED.plus(StaleCallers.GRACE);
    private static final String AGENT = "okhttp/4.12";

    private final StaleCallers callers = new StaleCallers(LEEWAY, false);
    private final List<StaleCaller> reports = new ArrayList<>();

    StaleCallersTest() {
        callers.onReport(reports::add);
    }

    /** Returns a token that is valid for an hour, as on AKS. */
    private static Token issuedAt(Instant issuedAt) {
        return hour(issuedAt).token();
    }

    private static TestTokens hour(Instant issuedAt) {
        return TestTokens.issuedAt(issuedAt)
                .claim("jti", issuedAt.toString())
                .expiresAt(issuedAt.plus(Duration.ofHours(1)))
                .kubernetes("warnafter", null);
    }

    private static TokenStatus accepted(Token token, Instant at) {
        return TokenStatuses.of(at, new Verdict.Accepted(at, null), token);
    }

    private void rotate() {
        callers.accept(accepted(OLD, NOON));
        callers.accept(accepted(NEW, ROTATED));
    }

    private static AsciiString bearer(String token) {
        return new AsciiString("Bearer " + token);
    }

    private boolean count(Token token, Instant now) {
        return count(token.bearer(), AGENT, now);
    }

    private boolean count(String token, String userAgent, Instant now) {
        return callers.count(bearer(token), new AsciiString(userAgent), now);
    }

    // Requests that need one comparison

    @Test
    void theTokenInUseIsTheNewest() {
        rotate();

        assertThat(callers.isNewest(bearer(NEW.bearer()))).isTrue();
        assertThat(callers.isNewest(bearer(OLD.bearer()))).isFalse();
    }

    @Test
    void thePlaceholderOfTheTokenInUseIsTheNewest() {
        rotate();

        assertThat(callers.isNewest(bearer(NEW.placeholder()))).isTrue();
        assertThat(callers.isNewest(bearer(OLD.placeholder()))).isFalse();
    }

    @Test
    void theTokenInUseAndTheCandidateAreBothTheNewest() {
        callers.accept(TokenStatuses.with(accepted(OLD, NOON), NEW));

        assertThat(callers.isNewest(bearer(OLD.bearer()))).isTrue();
        assertThat(callers.isNewest(bearer(NEW.bearer()))).isTrue();
    }

    @Test
    void aUsableTokenIsTheNewestWhileNoTokenIsAccepted() {
        Verdict refused = new Verdict.Expired(TokenStatuses.ADDRESS, null, NOON);
        callers.accept(TokenStatuses.usable(TokenStatuses.of(NOON, refused, NEW), OLD));

        assertThat(callers.isNewest(bearer(OLD.bearer()))).isTrue();
    }

    @Test
    void aPartOfALargerArrayIsCompared() {
        rotate();
        byte[] head = ("x Bearer " + NEW.bearer() + " y").getBytes(java.nio.charset.StandardCharsets.US_ASCII);

        assertThat(callers.isNewest(new AsciiString(head, 2, head.length - 4, false)))
                .isTrue();
    }

    @Test
    void noTokenIsTheNewestAndNoCallerIsStaleBeforeTheFirstToken() {
        assertThat(callers.isNewest(bearer(OLD.bearer()))).isFalse();
        assertThat(count(OLD, LATER)).isFalse();
        assertThat(callers.callers(LATER)).isEmpty();
    }

    // Stale tokens

    @Test
    void aReplacedTokenMakesItsCallerStaleAfterTheGracePeriod() {
        rotate();

        count(OLD, LATER);

        assertThat(callers.callers(LATER))
                .containsExactly(new StaleCaller(
                        AGENT, NOON, ROTATED, NOON.plus(Duration.ofHours(1)).plus(LEEWAY), 1, LATER, false));
        assertThat(reports).isEqualTo(callers.callers(LATER));
    }

    @Test
    void aJustReplacedTokenDoesNotMakeItsCallerStale() {
        rotate();

        count(OLD, LATER.minusNanos(1));

        assertThat(callers.callers(LATER)).isEmpty();
        assertThat(reports).isEmpty();
    }

    @Test
    void anEndedTokenMakesItsCallerStaleAtOnce() {
        Instant end = NOON.plus(Duration.ofHours(1));
        callers.accept(accepted(OLD, NOON));
        callers.accept(accepted(NEW, end));

        count(OLD, end.minusNanos(1));
        assertThat(callers.callers(end)).isEmpty();
        count(OLD, end);

        assertThat(callers.callers(end)).hasSize(1);
    }

    @Test
    void thePlaceholderOfAnOldTokenIsTreatedAsThatToken() {
        rotate();

        count(OLD.placeholder(), AGENT, LATER);

        assertThat(callers.callers(LATER))
                .singleElement()
                .satisfies(caller -> assertThat(caller.replacedAt()).isEqualTo(ROTATED));
    }

    @Test
    void anOldTokenThatIsInUseAgainIsNotStale() {
        rotate();
        callers.accept(accepted(OLD, LATER));

        assertThat(callers.isNewest(bearer(OLD.bearer()))).isTrue();
        count(OLD, LATER); // as if its header had other spaces
        assertThat(callers.callers(LATER)).isEmpty();
    }

    @Test
    void aTokenFromBeforeTheStartIsStaleAfterItsCertainReplacement() {
        Instant due = ROTATED.plus(StaleCallers.GRACE);
        callers.accept(accepted(NEW, ROTATED));

        count(OLD, due.minusNanos(1));
        assertThat(callers.callers(due)).isEmpty();
        count(OLD, due);

        assertThat(callers.callers(due)).singleElement().satisfies(caller -> {
            assertThat(caller.tokenIssuedAt()).isEqualTo(NOON);
            assertThat(caller.replacedAt()).isNull();
        });
    }

    @Test
    void aYoungTokenOfThisPodFromAnotherVolumeIsNotStale() {
        callers.accept(accepted(NEW, ROTATED));

        count(hour(ROTATED.minusSeconds(1)).token(), LATER);

        assertThat(callers.callers(LATER)).isEmpty();
    }

    @Test
    void aTokenWithoutAnEndHasNoTimeOfFailure() {
        Token endless = hour(NOON).claim("exp", null).token();
        callers.accept(accepted(endless, NOON));
        callers.accept(accepted(NEW, ROTATED));

        assertThat(count(endless, LATER)).isFalse();
        assertThat(callers.callers(LATER))
                .singleElement()
                .satisfies(caller -> assertThat(caller.wouldFailAt()).isNull());
    }

    // Tokens that are not this pod's

    @Test
    void anotherSubjectsTokenIsNotThisPodsAndItsDatesAreHidden() {
        rotate();

        count(hour(NOON).subject("system:serviceaccount:shop:other").token(), LATER);

        assertThat(callers.callers(LATER)).containsExactly(new StaleCaller(AGENT, null, null, null, 1, LATER, false));
    }

    @Test
    void anotherPodsTokenIsNotThisPods() {
        rotate();

        count(
                hour(NOON)
                        .kubernetes("pod", Map.of("name", "cart-0", "uid", "other"))
                        .token(),
                LATER);

        assertThat(callers.callers(LATER)).singleElement().matches(caller -> !caller.isOfThisPod());
    }

    @Test
    void aTokenForAnotherAudienceIsNotThisPodsApiServerToken() {
        rotate();

        count(hour(NOON).audience("vault").token(), LATER);

        assertThat(callers.callers(LATER)).singleElement().matches(caller -> !caller.isOfThisPod());
    }

    @ParameterizedTest
    @CsvSource({"Bearer own", "Basic dXNlcjpwYXNz", "Bearer", "Bearer a.b.c", "''"})
    void aTextThatIsNotAJwtIsNotThisPods(String authorization) {
        rotate();

        callers.count(authorization, AGENT, LATER);

        assertThat(callers.callers(LATER)).singleElement().matches(caller -> !caller.isOfThisPod());
    }

    @Test
    void theCaseOfTheSchemeAndSpacesDoNotMatter() {
        rotate();

        callers.count("bearer  " + OLD.bearer() + " ", AGENT, LATER);

        assertThat(callers.callers(LATER)).singleElement().matches(StaleCaller::isOfThisPod);
    }

    // Requests that would have got 401

    @Test
    void aTokenEndsAfterItsExpAndTheLeeway() {
        rotate();
        Instant end = NOON.plus(Duration.ofHours(1)).plus(LEEWAY);

        assertThat(count(OLD, end)).isFalse();
        assertThat(count(OLD, end.plusNanos(1))).isTrue();
    }

    @Test
    void aTokenThatIsNotThisPodsNeverEnds() {
        rotate();

        assertThat(count("own", AGENT, NOON.plus(Duration.ofDays(400)))).isFalse();
    }

    // Counts and reports

    @Test
    void eachRequestIsCountedButOnlyTheFirstIsReported() {
        rotate();

        count(OLD, LATER);
        count(OLD, LATER.plusMillis(1));

        assertThat(reports).hasSize(1);
        assertThat(callers.callers(LATER))
                .singleElement()
                .satisfies(caller -> assertThat(caller.requests()).isEqualTo(2));
    }

    @Test
    void aUserAgentsLastTokenIsShown() {
        rotate();
        count(OLD, LATER);

        count("own", AGENT, LATER);

        assertThat(callers.callers(LATER)).singleElement().matches(caller -> !caller.isOfThisPod());
    }

    @Test
    void aCallerIsForgottenADayAfterItsLastRequest() {
        rotate();
        count(OLD, LATER);

        assertThat(callers.callers(LATER.plus(StaleCallers.DAY).minusNanos(1))).hasSize(1);
        assertThat(callers.callers(LATER.plus(StaleCallers.DAY))).isEmpty();
    }

    @Test
    void callersAboveTheLimitOfNamesShareTheNameOther() {
        rotate();
        for (int i = 0; i < StaleCallers.MOST_NAMED + 5; i++) {
            count(OLD.bearer(), "app/" + i, LATER);
        }
        count(OLD.bearer(), "app/0", LATER);

        List<StaleCaller> shown = callers.callers(LATER);
        assertThat(shown).hasSize(StaleCallers.MOST_NAMED + 1);
        assertThat(shown.get(0).requests()).isEqualTo(2);
        assertThat(shown.get(StaleCallers.MOST_NAMED).userAgent()).isEqualTo("other");
        assertThat(shown.get(StaleCallers.MOST_NAMED).requests()).isEqualTo(5);
        assertThat(reports).hasSize(StaleCallers.MOST_NAMED + 1);
    }

    @Test
    void theSlotOfAForgottenCallerIsFreeAgain() {
        rotate();
        for (int i = 0; i <= StaleCallers.MOST_NAMED; i++) {
            count(OLD.bearer(), "app/" + i, LATER);
        }
        Instant next = LATER.plus(StaleCallers.DAY);

        count(OLD.bearer(), "late", next);

        assertThat(callers.callers(next)).extracting(StaleCaller::userAgent).containsExactly("late");
    }

    @Test
    void replacedTokensAreRememberedUpToALimit() {
        Instant at = NOON;
        for (int i = 0; i <= StaleCallers.MOST_REPLACED + 1; i++, at = at.plusSeconds(1)) {
            callers.accept(accepted(issuedAt(NOON.plusSeconds(i)), at));
        }
        Instant now = NOON.plus(StaleCallers.GRACE).plus(Duration.ofMinutes(1));

        count(issuedAt(NOON).bearer(), "forgotten", now);
        count(issuedAt(NOON.plusSeconds(1)).bearer(), "remembered", now);

        assertThat(callers.callers(now)).extracting(StaleCaller::userAgent).containsExactly("remembered");
    }

    // Names

    @ParameterizedTest
    @CsvSource({
        "okhttp/4.12, okhttp/4.12",
        "'kubectl/v1.36.0 (linux/amd64) kubernetes/abc', 'kubectl/v1.36.0 (linux/amd64) kubernetes/abc'",
        "'', none",
        ", none",
        "'   ', none",
        "'a\"b\\cé', a?b?c??",
    })
    void aUserAgentIsShownInPlainCharacters(@Nullable String userAgent, String shown) {
        assertThat(StaleCallers.name(userAgent)).isEqualTo(shown);
    }

    @Test
    void aUserAgentWithATokenInItIsMasked() {
        String small = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl";

        assertThat(StaleCallers.name("app " + small + " more")).isEqualTo("app *** more");
    }

    @Test
    void noShownTextContainsAPartOfTheToken() {
        rotate();
        count(OLD, LATER);

        String[] parts = OLD.bearer().split("\\.", -1);
        assertThat(callers.callers(LATER).toString() + reports).doesNotContain(parts[0], parts[1], parts[2]);
    }

    @Test
    void aUserAgentThatIsTooLongIsShownAsOther() {
        assertThat(StaleCallers.name("x".repeat(StaleCallers.LONGEST_NAMED))).isEqualTo("x".repeat(64));
        assertThat(StaleCallers.name("x".repeat(StaleCallers.LONGEST_NAMED + 1)))
                .isEqualTo(StaleCaller.OTHER);
    }
}
