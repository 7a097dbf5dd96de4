package io.tokenguardian.proxy.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.request.RetryPolicy.Elsewhere;
import io.tokenguardian.proxy.request.RetryPolicy.History;
import io.tokenguardian.proxy.request.RetryPolicy.Retry;
import io.tokenguardian.proxy.request.RetryPolicy.Unauthorized;
import io.tokenguardian.proxy.upstream.TokenRefusal;
import io.tokenguardian.proxy.upstream.ValidityStart;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryPolicyTest {

    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant FROM = ISSUED.minusSeconds(60);
    private static final Instant EXPIRED = ISSUED.plusSeconds(3600 + 60);
    private static final Token TOKEN = Tokens.issuedAt(ISSUED);
    private static final Token OTHER = Tokens.issuedAt(ISSUED);
    private static final History PROVEN = History.NONE.withProof();
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ROOT);

    private final RetryPolicy retryPolicy = new RetryPolicy(Duration.ofSeconds(60));

    private static HttpHeaders dated(Instant date) {
        return new DefaultHttpHeaders().set("Date", DATE.format(date.atOffset(ZoneOffset.UTC)));
    }

    private @Nullable Retry judge(HttpHeaders headers, History history, List<Token> usable, boolean toProof) {
        return retryPolicy.judge(new Unauthorized(TOKEN, headers, 0, 0, toProof), usable, history);
    }

    private @Nullable Retry judge(Instant date, History history) {
        return judge(dated(date), history, List.of(TOKEN), false);
    }

    private @Nullable Retry judgeProof(Instant date, History history) {
        return judge(dated(date), history, List.of(TOKEN), true);
    }

    private static History elsewhere(int times) {
        return new History(0, times, false, false, false);
    }

    @Test
    void aRefusalDatedASecondBeforeTheWindowIsEarly() {
        assertThat(judge(FROM.minusSeconds(1), History.NONE)).isInstanceOf(RetryPolicy.NotYetValid.class);
    }

    @Test
    void aRefusalInTheSecondOfTheWindowIsRetriedAtOnce() {
        assertThat(judge(FROM, History.NONE)).isInstanceOf(RetryPolicy.SameConnection.class);
    }

    @Test
    void aRefusalInTheSecondOfTheWindowIsRetriedTwiceBeforeAProof() {
        assertThat(judge(FROM, new History(1, 0, false, false, false))).isInstanceOf(RetryPolicy.SameConnection.class);
        assertThat(judge(FROM, new History(2, 0, false, false, false))).isInstanceOf(RetryPolicy.AfterProof.class);
    }

    @Test
    void aRefusalDatedASecondLaterIsFollowedByAProof() {
        assertThat(judge(FROM.plusSeconds(1), History.NONE)).isInstanceOf(RetryPolicy.AfterProof.class);
    }

    @Test
    void aRefusalAfterAProofIsAboutTheRequestAndPasses() {
        assertThat(judge(ISSUED, PROVEN)).isNull();
    }

    @Test
    void a401ToTheProofLeadsToAnotherReplica() {
        assertThat(judgeProof(ISSUED, History.NONE)).isInstanceOfSatisfying(Elsewhere.class, retry -> {
            assertThat(retry.reason()).isEqualTo(RetryReason.UNEXPLAINED);
            assertThat(retry.refusal().validityStart()).isNull();
        });
    }

    @Test
    void aRefusalPassesAfterSixteenReplicas() {
        assertThat(judgeProof(ISSUED, elsewhere(15))).isInstanceOf(Elsewhere.class);
        assertThat(judgeProof(ISSUED, elsewhere(16))).isNull();
    }

    @Test
    void aReplicaThatCallsATokenExpiredLeadsToAnotherReplica() {
        assertThat(judge(EXPIRED, History.NONE))
                .isInstanceOfSatisfying(
                        Elsewhere.class, retry -> assertThat(retry.reason()).isEqualTo(RetryReason.EXPIRED));
        assertThat(judge(EXPIRED, elsewhere(15))).isInstanceOf(Elsewhere.class);
        assertThat(judge(EXPIRED, elsewhere(16))).isNull();
    }

    @Test
    void eachUsableTokenIsTriedOnSixteenReplicas() {
        List<Token> two = List.of(TOKEN, OTHER);

        assertThat(judge(dated(EXPIRED), elsewhere(31), two, false)).isInstanceOf(Elsewhere.class);
        assertThat(judge(dated(EXPIRED), elsewhere(32), two, false)).isNull();
    }

    @Test
    void theRefusalOfATokenThatNoReplicaAcceptsPasses() {
        assertThat(judge(dated(EXPIRED), History.NONE, List.of(), false)).isNull();
        assertThat(judge(dated(ISSUED), History.NONE, List.of(), false)).isNull();
        assertThat(judge(dated(ISSUED), History.NONE, List.of(), true)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday"})
    void aRefusalWithoutAValidDateIsFollowedByAProof(String date) {
        HttpHeaders headers = new DefaultHttpHeaders();
        if (!date.isEmpty()) {
            headers.set("Date", date);
        }

        assertThat(judge(headers, History.NONE, List.of(TOKEN), false)).isInstanceOf(RetryPolicy.AfterProof.class);
    }

    @Test
    void aRefusalWithTwoDatesIsFollowedByAProof() {
        HttpHeaders headers = dated(FROM.minusSeconds(1));
        headers.add("Date", headers.get("Date"));

        assertThat(judge(headers, History.NONE, List.of(TOKEN), false)).isInstanceOf(RetryPolicy.AfterProof.class);
    }

    @Test
    void anotherTokenInUseIsTriedOnce() {
        HttpHeaders headers = new DefaultHttpHeaders();

        assertThat(judge(headers, History.NONE, List.of(OTHER), false)).isInstanceOf(RetryPolicy.OtherToken.class);
        assertThat(judge(headers, History.NONE.withOtherToken(), List.of(OTHER), false))
                .isNull();
    }

    @Test
    void anEarlyRefusalHasTheBoundsOfItsAcceptanceTime() {
        Unauthorized refused = new Unauthorized(TOKEN, dated(FROM.minusSeconds(30)), 5, 7, true);

        TokenRefusal refusal = retryPolicy.refusal(refused);

        assertThat(refusal.validityStart()).isEqualTo(ValidityStart.of(FROM, FROM.minusSeconds(30), 5, 7));
    }

    @Test
    void everyRetryHasItsReason() {
        Instant from = Instant.parse("2026-01-01T00:00:00Z");

        TokenRefusal refusal = TokenRefusal.notYetValid(Tokens.issuedAt(from), ValidityStart.of(from, from, 0, 0), 0);

        assertThat(new RetryPolicy.NotYetValid(refusal).reason()).isEqualTo(RetryReason.NOT_YET_VALID);
        assertThat(new RetryPolicy.SameConnection().reason()).isEqualTo(RetryReason.CROSSING);
        assertThat(new RetryPolicy.OtherToken().reason()).isEqualTo(RetryReason.OTHER_TOKEN);
        assertThat(new RetryPolicy.AfterProof().reason()).isEqualTo(RetryReason.UNEXPLAINED);
    }
}
