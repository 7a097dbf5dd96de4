package io.tokenguardian.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.StaleCallerText;
import io.tokenguardian.status.StatusLog;
import io.tokenguardian.status.StatusReport;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageReportTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final Timeline timeline = time.timeline();
    private final StatusLog statusLog = new StatusLog(timeline);
    private final ProxyCounters proxy = new ProxyCounters();
    private final OffsetHistory history = new OffsetHistory();
    private List<StaleCaller> stale = List.of();
    private final PageReport report = new PageReport(
            new StatusReport(Path.of("/token"), TokenStatuses.ADDRESS, timeline, proxy::snapshot, now -> stale),
            timeline,
            statusLog,
            proxy,
            history,
            "1.2.3");

    @Test
    void aStaleCallerIsListedInTheProxysPart() {
        StaleCaller caller = new StaleCaller("app/1", NOON, NOON.minusSeconds(600), null, 1, NOON, false);
        stale = List.of(caller);

        assertThat(report.ofProxy().getJsonObject("proxy").getJsonArray("callers"))
                .containsExactly(StaleCallerText.of(caller, NOON).text());
    }

    @Test
    void theWindowIsInMillisecondsOnTheTokensOwnClock() {
        JsonObject window = report.of(accepted()).getJsonObject("window");

        assertThat(window)
                .isEqualTo(new JsonObject()
                        .put("from", NOON.minusSeconds(60).toEpochMilli())
                        .put("until", NOON.plusSeconds(31_536_060).toEpochMilli())
                        .put("issued", NOON.toEpochMilli())
                        .put("rotation", NOON.plusMillis(2_885_600).toEpochMilli())
                        .put("warnAfter", NOON.plusSeconds(3_607).toEpochMilli())
                        .put("expires", NOON.plusSeconds(31_536_000).toEpochMilli()));
    }

    @Test
    void aDisabledGuardianIsReportedFirst() {
        JsonObject on = report.of(accepted());

        JsonObject off = report.of(TokenStatuses.off(accepted()));

        assertThat(on.getBoolean("off")).isFalse();
        assertThat(off.getBoolean("off")).isTrue();
        assertThat(off.getString("headline")).startsWith("The guardian is off (guardian.disabled)");
    }

    @Test
    void theSentenceStaysTrueWhileTheTimeLeftDecreases() {
        TokenStatus tokenStatus = notYet();
        String before = report.of(tokenStatus).getString("sentence");
        time.advance(Duration.ofSeconds(10));

        JsonObject after = report.of(tokenStatus);

        assertThat(after.getString("sentence")).isEqualTo(before).endsWith("on its own clock.");
        assertThat(after.getLong("left")).isEqualTo(65_000);
    }

    @Test
    void eachRowOfTheStatusHasWhetherItsClockIsOff() {
        TokenStatus tokenStatus = TokenStatuses.with(
                accepted(),
                TokenStatuses.named("cp-1", NOON, Duration.ZERO),
                TokenStatuses.named("cp-2", NOON, Duration.ofSeconds(-75)));

        assertThat(report.of(tokenStatus).getJsonArray("clocksOff")).containsExactly(false, true);
    }

    @Test
    void aReplicasLineHasItsEndsAndEachClockChange() {
        for (int minute = 0; minute < 10; minute++) {
            Duration offset = Duration.ofMillis(minute < 4 ? -75_500 : -500);
            history.accept(TokenStatuses.with(
                    accepted(), TokenStatuses.replica(Finding.ACCEPTED, NOON.plusSeconds(60L * minute), offset)));
        }
        time.advance(Duration.ofMinutes(10));

        JsonArray rows = report.of(accepted()).getJsonArray("history");

        assertThat(rows.encode()).isEqualTo("[{\"name\":\"a\",\"points\":[[-600,-75000],[-360,0],[-60,0]]}]");
    }

    @Test
    void theHeadlineHasTheNameFirstAndAPlaceholderForTheTimeLeft() {
        Verdict notYet = new Verdict.NotYetValid(TokenStatuses.ADDRESS, "a", NOON, NOON, NOON.plusSeconds(75), null);
        TokenStatus slow = TokenStatuses.with(
                TokenStatuses.of(NOON, notYet, TOKEN),
                TokenStatuses.replica(Finding.NOT_YET_VALID, NOON, Duration.ofMillis(-135_500)));

        assertThat(report.of(slow).getString("headline"))
                .isEqualTo("a's clock is 2 min 15 s behind. The token works in {left}.");
    }

    @Test
    void theLeewayIsThatOfTheWindow() {
        assertThat(report.of(accepted()).getLong("leeway")).isEqualTo(60_000);
        assertThat(report.of(TokenStatuses.of(NOON, new Verdict.Pending())).getValue("leeway"))
                .isNull();
    }

    @Test
    void eventsAreListedNewestFirst() {
        statusLog.accept(notYet());
        statusLog.accept(accepted());

        assertThat(report.of(accepted()).getJsonArray("news"))
                .extracting(row -> ((JsonObject) row).getString("verdict"))
                .containsExactly("accepted", "not-yet-valid");
    }

    @Test
    void theProxysPartEqualsThatOfTheWholeReport() {
        JsonObject whole = report.of(accepted());

        JsonObject part = report.ofProxy();

        assertThat(part.getJsonObject("proxy")).isEqualTo(whole.getJsonObject("proxy"));
        assertThat(part.getJsonObject("status"))
                .isEqualTo(new JsonObject()
                        .put("proxy", whole.getJsonObject("status").getJsonObject("proxy")));
    }

    @Test
    void withoutATokenWindowAndClaimsAreNull() {
        JsonObject page = report.of(TokenStatuses.of(NOON, new Verdict.Unreadable("no file")));

        assertThat(page.getValue("window")).isNull();
        assertThat(page.getValue("claims")).isNull();
    }

    private static TokenStatus accepted() {
        return TokenStatuses.of(NOON, new Verdict.Accepted(NOON, TokenStatuses.USER), TOKEN);
    }

    private static TokenStatus notYet() {
        return TokenStatuses.of(
                NOON,
                new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, NOON, NOON, NOON.plusSeconds(75), null),
                TOKEN);
    }
}
