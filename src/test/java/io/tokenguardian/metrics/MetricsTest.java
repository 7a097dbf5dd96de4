package io.tokenguardian.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tokenguardian.Promtool;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final Timeline timeline = time.timeline();
    private List<StaleCaller> stale = List.of();

    @Test
    void aStaleCallerHasItsRequestsAndTheAgeOfItsTokenByItsUserAgent() {
        stale = List.of(
                new StaleCaller("okhttp/4.12", NOON, NOON, NOON, 7, NOON.plusSeconds(90), false),
                new StaleCaller("other", null, null, null, 1, NOON, false));

        assertThat(lines(accepted()))
                .contains(
                        "token_guardian_stale_callers_total{user_agent=\"okhttp/4.12\"} 7.0",
                        "token_guardian_stale_caller_age_seconds{user_agent=\"okhttp/4.12\"} 90.0",
                        "token_guardian_stale_callers_total{user_agent=\"other\"} 1.0",
                        "token_guardian_stale_caller_age_seconds{user_agent=\"other\"} NaN");
    }

    @Test
    void theVerdictThatHoldsIsOneAndEveryOtherIsZero() {
        List<String> verdicts = lines(accepted()).stream()
                .filter(line -> line.startsWith("token_guardian_verdict{"))
                .toList();

        assertThat(verdicts)
                .hasSize(7)
                .contains("token_guardian_verdict{verdict=\"accepted\"} 1.0")
                .filteredOn(line -> line.endsWith(" 0.0"))
                .hasSize(6);
    }

    @Test
    void eachThreadHasTheCountOfItsFailedTurns() {
        Watched two = () -> List.of(new ThreadState("guardian", null, 2), new ThreadState("vetted", "a fault"));

        assertThat(MetricLines.text(List.of(Metrics.failedTurns(Stream.of(two)).build())))
                .contains(
                        "token_guardian_failed_turns_total{thread=\"guardian\"} 2.0\n",
                        "token_guardian_failed_turns_total{thread=\"vetted\"} 0.0\n");
    }

    @Test
    void everyVerdictHasItsWord() {
        assertThat(Stream.of(
                                new Verdict.Pending(),
                                new Verdict.Accepted(NOON, null),
                                new Verdict.NotYetValid("a", null, NOON, null, null, null),
                                new Verdict.Expired("a", null, NOON),
                                new Verdict.Refused("a", null),
                                new Verdict.Unreadable("b"),
                                new Verdict.Unreachable("b"))
                        .map(Verdict::word))
                .containsExactlyInAnyOrderElementsOf(Verdict.WORDS.values());
        assertThat(Verdict.class.getPermittedSubclasses()).hasSize(Verdict.WORDS.size());
    }

    @Test
    void anAcceptedTokenHasItsTimes() {
        TokenStatus tokenStatus = accepted();
        time.advance(Duration.ofSeconds(10));

        assertThat(lines(tokenStatus))
                .contains(
                        "token_guardian_until_acceptable_seconds 0.0",
                        "token_guardian_escrow_age_seconds 10.0",
                        "token_guardian_until_rotation_seconds 2875.6",
                        "token_guardian_until_expiry_seconds " + (365 * 86_400.0 - 10),
                        "token_guardian_node_clock_ahead_of_issuer_seconds 0.0");
    }

    @Test
    void aWaitCountsDown() {
        TokenStatus tokenStatus = TokenStatuses.of(
                NOON,
                new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, NOON, NOON, NOON.plusSeconds(75), null),
                TOKEN);
        time.advance(Duration.ofMillis(500));

        assertThat(lines(tokenStatus))
                .contains("token_guardian_until_acceptable_seconds 74.5", "token_guardian_escrow_age_seconds NaN");
    }

    @Test
    void timesAreOnTheNodesClockAndOffsetsAgainstIt() {
        TokenStatus tokenStatus =
                TokenStatuses.with(accepted(), TokenStatuses.replica(Finding.ACCEPTED, NOON, Duration.ofSeconds(-75)));
        time.stepNodeClock(Duration.ofSeconds(20));

        assertThat(lines(tokenStatus))
                .contains(
                        "token_guardian_until_expiry_seconds " + (365 * 86_400.0 - 20),
                        "token_guardian_replica_clock_offset_seconds"
                                + "{address=\"10.96.0.1:443\",certificate=\"a\",replica=\"a\"} -94.5",
                        "token_guardian_replica_clock_uncertainty_seconds"
                                + "{address=\"10.96.0.1:443\",certificate=\"a\",replica=\"a\"} 0.5");
    }

    @Test
    void aFileThatCantBeReadAnyMoreIsShown() {
        assertThat(lines(accepted())).contains("token_guardian_token_file_unreadable 0.0");
        assertThat(lines(TokenStatuses.kept(accepted(), "/token: no such file")))
                .contains("token_guardian_token_file_unreadable 1.0");
    }

    @Test
    void aReplicaThatHidesItsClockHasNoSeries() {
        TokenStatus tokenStatus =
                TokenStatuses.with(accepted(), TokenStatuses.replica(Finding.UNREACHABLE, NOON, null));

        assertThat(lines(tokenStatus)).noneMatch(line -> line.startsWith("token_guardian_replica_clock"));
    }

    @Test
    void answersAndRotationsAreCounted() {
        assertThat(lines(accepted()))
                .contains(
                        "token_guardian_rotations_total 2.0",
                        "token_guardian_probes_total{answer=\"accepted\"} 3.0",
                        "token_guardian_probes_total{answer=\"refused\"} 0.0");
    }

    @Test
    void prometheusFindsNothingToSayAgainstIt() throws Exception {
        Promtool.require();
        TokenStatus tokenStatus =
                TokenStatuses.with(accepted(), TokenStatuses.replica(Finding.ACCEPTED, NOON, Duration.ZERO));

        assertThat(Promtool.passes(text(tokenStatus), "check", "metrics")).isEmpty();
    }

    @Test
    void noPartOfTheTokensTextIsInIt() throws Exception {
        assertThat(text(accepted())).doesNotContain(TOKEN.bearer().split("\\.", -1));
    }

    static List<String> names() {
        return new MetricsTest()
                .snapshots(accepted()).stream()
                        .map(each -> each.getMetadata().getName() + suffix(each))
                        .toList();
    }

    /** Returns the name's suffix, which the library keeps separate from the name. */
    private static String suffix(MetricSnapshot snapshot) {
        return snapshot instanceof CounterSnapshot ? "_total" : "";
    }

    private static TokenStatus accepted() {
        return TokenStatuses.of(NOON, new Verdict.Accepted(NOON, TokenStatuses.USER), TOKEN);
    }

    private List<String> lines(TokenStatus tokenStatus) {
        return text(tokenStatus).lines().toList();
    }

    private String text(TokenStatus tokenStatus) {
        return MetricLines.text(snapshots(tokenStatus));
    }

    private List<MetricSnapshot> snapshots(TokenStatus tokenStatus) {
        List<MetricFamily> guardian =
                new GuardianMetrics(timeline).of(tokenStatus, finding -> finding == Finding.ACCEPTED ? 3 : 0, 2);
        Stream<MetricSnapshot> proxy = ProxyMetrics.of(new ProxyCounters(), stale).stream();
        return Stream.concat(
                        Stream.of(guardian, List.of(Metrics.buildInfo("1.2.3")))
                                .flatMap(List::stream)
                                .map(MetricFamily::build),
                        proxy)
                .toList();
    }

    @Test
    void usableIsOneOnceOneReplicaAcceptsAToken() {
        TokenStatus refused = TokenStatuses.of(NOON, new Verdict.Expired(TokenStatuses.ADDRESS, null, NOON), TOKEN);

        assertThat(lines(refused)).contains("token_guardian_usable 0.0");
        assertThat(lines(TokenStatuses.usable(refused, TOKEN)))
                .contains("token_guardian_usable 1.0", "token_guardian_verdict{verdict=\"accepted\"} 0.0");
        assertThat(lines(accepted())).contains("token_guardian_usable 1.0");
    }
}
