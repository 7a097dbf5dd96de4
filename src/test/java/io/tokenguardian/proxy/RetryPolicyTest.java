package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.tokenguardian.proxy.RetryPolicy.History;
import io.tokenguardian.proxy.RetryPolicy.Retry;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant FROM = ISSUED.minusSeconds(60);
    private static final Instant EXPIRED = ISSUED.plusSeconds(3600 + 60);
    private static final Token TOKEN = Tokens.issuedAt(ISSUED);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ROOT);
    private final RetryPolicy retryPolicy = new RetryPolicy(Duration.ofSeconds(60), Duration.ofSeconds(10));

    private @Nullable Retry judge(@Nullable Instant date, History history) {
        HttpHeaders headers = new DefaultHttpHeaders();
        if (date != null) {
            headers.set("Date", DATE.format(date.atOffset(ZoneOffset.UTC)));
        }
        return retryPolicy.judge(TOKEN, List.of(TOKEN), headers, 0, 0, history);
    }

    @Test
    void datedASecondBeforeTheWindowItIsEarly() {
        assertThat(judge(FROM.minusSeconds(1), History.NONE)).isInstanceOf(RetryPolicy.NotYetValid.class);
    }

    @Test
    void datedInTheSecondOfTheWindowItIsSentAgainAtOnce() {
        assertThat(judge(FROM, History.NONE)).isInstanceOf(RetryPolicy.SameConnection.class);
    }

    @Test
    void inThatSecondItIsSentAgainTwiceAtMost() {
        assertThat(judge(FROM, new History(2, 0, false, false))).isNull();
    }

    @Test
    void aSecondLaterAYoungTokenGetsAFreshConnection() {
        assertThat(judge(FROM.plusSeconds(1), History.NONE)).isInstanceOf(RetryPolicy.NewConnection.class);
    }

    @Test
    void aFreshConnectionIsTriedOnce() {
        assertThat(judge(ISSUED.plusSeconds(1), new History(0, 0, false, true))).isNull();
    }

    @Test
    void aTokenIsYoungFor10Seconds() {
        assertThat(judge(ISSUED.plusSeconds(9), History.NONE)).isInstanceOf(RetryPolicy.NewConnection.class);
        assertThat(judge(ISSUED.plusSeconds(10), History.NONE)).isNull();
    }

    @Test
    void theRefusalOfATokenThatNoReplicaAcceptsPassesOnceItIsExpired() {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.set("Date", DATE.format(EXPIRED.atOffset(ZoneOffset.UTC)));

        assertThat(retryPolicy.judge(TOKEN, List.of(), headers, 0, 0, History.NONE))
                .isNull();
    }

    @Test
    void oneReplicaThatCallsATokenExpiredLeadsToAnother() {
        assertThat(judge(EXPIRED, History.NONE)).isInstanceOf(RetryPolicy.Expired.class);
        assertThat(judge(EXPIRED, new History(0, 7, false, false))).isInstanceOf(RetryPolicy.Expired.class);
    }

    @Test
    void whereEightConnectionsCallATokenExpiredTheCallerGetsThe401() {
        assertThat(judge(EXPIRED, new History(0, 8, false, false))).isNull();
    }

    @Test
    void severalTokensThatOneReplicaCallsExpiredCountAsOneConnection() {
        HttpHeaders headers = new DefaultHttpHeaders();
        headers.set("Date", DATE.format(EXPIRED.atOffset(ZoneOffset.UTC)));
        List<Token> usable = List.of(TOKEN, Tokens.issuedAt(ISSUED));

        assertThat(retryPolicy.judge(TOKEN, usable, headers, 0, 0, new History(0, 15, false, false)))
                .isInstanceOf(RetryPolicy.Expired.class);
        assertThat(retryPolicy.judge(TOKEN, usable, headers, 0, 0, new History(0, 16, false, false)))
                .isNull();
    }

    @Test
    void withoutADateNothingIsKnown() {
        assertThat(judge(null, History.NONE)).isNull();
    }

    @Test
    void aDateThatIsNoneIsNoDate() {
        HttpHeaders headers = new DefaultHttpHeaders().set("Date", "yesterday");
        assertThat(retryPolicy.judge(TOKEN, List.of(TOKEN), headers, 0, 0, History.NONE))
                .isNull();
    }

    @Test
    void twoDatesAreNone() {
        HttpHeaders headers = new DefaultHttpHeaders();
        String date = DATE.format(FROM.minusSeconds(1).atOffset(ZoneOffset.UTC));
        headers.add("Date", date).add("Date", date);
        assertThat(retryPolicy.judge(TOKEN, List.of(TOKEN), headers, 0, 0, History.NONE))
                .isNull();
    }

    @Test
    void anotherTokenInUseIsTriedOnce() {
        Token other = Tokens.issuedAt(ISSUED);
        HttpHeaders headers = new DefaultHttpHeaders();
        assertThat(retryPolicy.judge(TOKEN, List.of(other), headers, 0, 0, History.NONE))
                .isInstanceOf(RetryPolicy.OtherToken.class);
        assertThat(retryPolicy.judge(TOKEN, List.of(other), headers, 0, 0, new History(0, 0, true, false)))
                .isNull();
    }
}
