package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StatusReportTest {
    private static final ProxyCounters.Snapshot COUNTERS = new ProxyCounters.Snapshot(
            1_204_331, 4, 3, 2, 1, new ProxyCounters.Saved(12, 5, 0, Duration.ofSeconds(61)));
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();

    /** The beginning of the window, 60 s before {@code iat}. */
    private static final Instant FROM = NOON.minusSeconds(60);

    private static final Duration BEHIND = Duration.ofSeconds(-75);

    private List<StaleCaller> stale = List.of();
    private final SimulatedTime time = new SimulatedTime(NOON);
    private final StatusReport report =
            new StatusReport(Path.of("/token"), TokenStatuses.ADDRESS, time.timeline(), () -> COUNTERS, now -> stale);

    @Test
    void savedRequestsAreReportedWithCountsAndStart() {
        time.advance(Duration.ofHours(148));

        assertThat(report.of(about(accepted())).getJsonObject("saved"))
                .isEqualTo(new JsonObject()
                        .put(
                                "sentence",
                                "In 6 d 4 h: requests: 1,204,331; would have got 401: 17 (because of a replica's clock:"
                                        + " 12, with a token that had been replaced: 5, for a reason that no clock"
                                        + " explains: 0); longest wait: 1 min 1 s.")
                        .put("requests", 1_204_331L)
                        .put("clock", 12L)
                        .put("rotation", 5L)
                        .put("unexplained", 0L)
                        .put("longestHoldSeconds", new BigDecimal("61.000"))
                        .put("since", NOON.toString()));
    }

    @Test
    void aStaleCallerHasARow() {
        stale = List.of(
                new StaleCaller("okhttp/4.12", NOON, NOON.plusSeconds(60), NOON.plusSeconds(120), 7, NOON, false));

        assertThat(report.of(about(accepted())).getJsonArray("staleCallers")).isEqualTo(new JsonArray("""
                        [{"userAgent": "okhttp/4.12", "tokenIssuedAt": "2026-03-01T12:00:00Z",
                          "replacedAt": "2026-03-01T12:01:00Z", "wouldFailAt": "2026-03-01T12:02:00Z",
                          "requests": 7, "lastSeen": "2026-03-01T12:00:00Z"}]"""));
    }

    @Test
    void theReportOfServeContainsWhatWaitNeeds() {
        JsonObject status = report.ofServe(about(accepted()), false);

        assertThat(status.getJsonObject("serve"))
                .isEqualTo(new JsonObject()
                        .put("tokenPath", "/token")
                        .put("apiServer", TokenStatuses.ADDRESS)
                        .put("filesWritten", false)
                        .putNull("secondsUntilUsable"));
        status.remove("serve");
        assertThat(status).isEqualTo(report.of(about(accepted())));
    }

    @Test
    void anUnreadableFileIsAWarningWithTheEndOfTheKeptToken() {
        TokenStatus kept = ExplanationTest.status(ReportedCause.TOKEN_KEPT);

        assertThat(report.of(kept).getJsonArray("warnings"))
                .containsExactly("/token: no such file. The guardian keeps using the token that it read before, which"
                        + " expires at 2026-03-01T13:00:00Z. Mount a service-account token there again.");
    }

    @Test
    void itIsReportedWhoseRequestAReplicaAnsweredLast() {
        assertThat(metBy(Answer.MetBy.PROBE)).isEqualTo("probe");
        assertThat(metBy(Answer.MetBy.PROXY)).isEqualTo("proxy");
    }

    private String metBy(Answer.MetBy metBy) {
        KnownReplica replica = new KnownReplica(
                TokenStatuses.ADDRESS, "a", List.of(), null, Finding.ACCEPTED, null, NOON, NOON, metBy, false);
        return row(report.of(TokenStatuses.with(about(accepted()), replica))).getString("metBy");
    }

    @Test
    void theReportHasTheFieldsAndTheOrderOfTheContract() {
        JsonObject status = report.of(TokenStatuses.with(
                TokenStatuses.with(about(accepted()), TOKEN),
                TokenStatuses.replica(Finding.ACCEPTED, NOON, Duration.ZERO)));

        assertThat(fields(status))
                .isEqualTo("verdict usable explanation advice warnings acceptedAt acceptableFrom secondsUntilAcceptable"
                        + " token candidate nodeClock apiServers proxy staleCallers saved");
        for (String token : List.of("token", "candidate")) {
            assertThat(fields(status.getJsonObject(token)))
                    .isEqualTo("path subject audience issuedAt notBefore expiresAt warnAfter pod node keyId");
        }
        assertThat(fields(status.getJsonObject("nodeClock"))).isEqualTo("now aheadOfIssuerBySeconds");
        assertThat(fields(row(status)))
                .isEqualTo("address replica verdict user clockOffsetSeconds clockUncertaintySeconds since metBy"
                        + " lastAsked");
        assertThat(fields(status.getJsonObject("proxy"))).isEqualTo("requests held holding retries refusedByRule");
    }

    private static String fields(JsonObject object) {
        return String.join(" ", object.fieldNames());
    }

    @Test
    void theReportShowsTheTokensClaims() {
        JsonObject token = report.of(about(accepted())).getJsonObject("token");

        assertThat(token)
                .isEqualTo(new JsonObject()
                        .put("path", "/token")
                        .put("subject", "system:serviceaccount:shop:cart")
                        .put("audience", new JsonArray().add("https://kubernetes.default.svc.cluster.local"))
                        .put("issuedAt", "2026-03-01T12:00:00Z")
                        .put("notBefore", "2026-03-01T12:00:00Z")
                        .put("expiresAt", "2027-03-01T12:00:00Z")
                        .put("warnAfter", "2026-03-01T13:00:07Z")
                        .put("pod", "cart-0")
                        .put("node", "node-1")
                        .put("keyId", "test-key"));
    }

    @Test
    void anAcceptedTokenIsAcceptableInZeroSecondsWithDecimals() {
        JsonObject status = report.of(about(accepted()));

        assertThat(status.getString("acceptedAt")).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(status.getString("acceptableFrom")).isEqualTo("2026-03-01T11:59:00Z");
        assertThat(status.encode()).contains("\"secondsUntilAcceptable\":0.000,");
        assertThat(status.getString("advice")).isEmpty();
    }

    @Test
    void theSecondsLeftAreCountedFromTheReportsOwnTime() {
        TokenStatus tokenStatus = about(notYet(NOON.plusSeconds(75)));
        time.advance(Duration.ofMillis(250));

        JsonObject status = report.of(tokenStatus);

        assertThat(status.encode()).contains("\"secondsUntilAcceptable\":74.750,");
        assertThat(status.getValue("acceptedAt")).isNull();
        assertThat(status.getString("advice")).isNotEmpty();
    }

    @Test
    void withoutATokenTheFieldsAreNullAndReplicasEmpty() {
        JsonObject status = report.of(TokenStatuses.of(NOON, new Verdict.Unreadable("no file")));

        assertThat(status.encode())
                .contains("\"acceptableFrom\":null", "\"token\":null,\"candidate\":null", "\"apiServers\":[]");
        assertThat(status.getJsonObject("nodeClock").getValue("aheadOfIssuerBySeconds"))
                .isNull();
    }

    @Test
    void instantsAreShownByTheNodesCurrentClock() {
        TokenStatus tokenStatus =
                TokenStatuses.with(about(accepted()), TokenStatuses.replica(Finding.ACCEPTED, NOON, Duration.ZERO));
        time.stepNodeClock(Duration.ofMillis(10_500));

        JsonObject status = report.of(tokenStatus);

        assertThat(status.getString("acceptedAt")).isEqualTo("2026-03-01T12:00:10.500Z");
        assertThat(status.getJsonObject("nodeClock").getString("now")).isEqualTo("2026-03-01T12:00:10.500Z");
        assertThat(row(status).getString("lastAsked")).isEqualTo("2026-03-01T12:00:10.500Z");
        assertThat(status.getString("acceptableFrom")).isEqualTo("2026-03-01T11:59:00Z");
        assertThat(status.getJsonObject("token").getString("issuedAt")).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(row(status).encode()).contains("\"clockOffsetSeconds\":-10.000,\"clockUncertaintySeconds\":0.500");
    }

    @Test
    void nodeAndIssuerClocksAreComparedAtTheTokensWriting() {
        TokenStatus tokenStatus = TokenStatuses.of(NOON, accepted(), TOKEN, NOON.minusMillis(1_250));

        assertThat(report.of(tokenStatus).encode()).contains("\"aheadOfIssuerBySeconds\":-1.250}");
    }

    @Test
    void aReplicaThatHidesItsClockHasNoOffset() {
        JsonObject row = rowOf(TokenStatuses.replica(Finding.UNREACHABLE, NOON, null));

        assertThat(row.encode())
                .contains(
                        "\"verdict\":\"unreachable\",\"user\":null",
                        "\"clockOffsetSeconds\":null," + "\"clockUncertaintySeconds\":null");
    }

    @Test
    void aRefusalLastsUntilTheClockHasCertainlyReachedTheWindow() {
        // Given a replica that is 75 s behind, and accepts in 15 s
        KnownReplica slow = TokenStatuses.replica(Finding.NOT_YET_VALID, NOON, BEHIND);
        Instant certain = Objects.requireNonNull(slow.clock()).latest(FROM);

        time.advanceTo(certain.minusNanos(1));
        assertThat(rowOf(slow).getString("verdict")).isEqualTo("not-yet-valid");

        time.advanceTo(certain);
        assertThat(rowOf(slow).getString("verdict")).isEqualTo("pending");
    }

    private JsonObject rowOf(KnownReplica replica) {
        return row(report.of(TokenStatuses.with(about(new Verdict.Pending()), replica)));
    }

    private static JsonObject row(JsonObject status) {
        return status.getJsonArray("apiServers").getJsonObject(0);
    }

    private static TokenStatus about(Verdict verdict) {
        return TokenStatuses.of(NOON, verdict, TOKEN);
    }

    private static Verdict accepted() {
        return new Verdict.Accepted(NOON, TokenStatuses.USER);
    }

    private static Verdict notYet(@Nullable Instant by) {
        OffsetInterval offset = by == null ? null : new OffsetInterval(BEHIND, BEHIND);
        return new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, FROM, by, by, offset);
    }

    @Test
    void usableIsTrueIfAnyReplicaAcceptsWhateverTheVerdict() {
        TokenStatus refused = about(notYet(NOON.plusSeconds(75)));

        assertThat(report.of(refused).getBoolean("usable")).isFalse();
        assertThat(report.of(TokenStatuses.usable(refused, TOKEN)).getBoolean("usable"))
                .isTrue();
        assertThat(report.of(about(accepted())).getBoolean("usable")).isTrue();
    }
}
