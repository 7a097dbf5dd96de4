package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.Sample;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.metrics.MetricLines;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.status.CheckSvg;
import io.tokenguardian.status.CheckText;
import io.tokenguardian.status.StatusReport;
import io.tokenguardian.status.StatusReports;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** In each output, a replica whose clock is set repeatedly is one row, with its current clock. */
class SteppedClockTest {
    private static final Duration SHOWN_WITHIN = Pace.BETWEEN_SAMPLES.multipliedBy(3);
    private static final Duration SHOWN_WITH_REQUESTS_WITHIN = Duration.ofSeconds(2);
    private static final List<Integer> STEPS = List.of(-400, -75, -500, 0);

    private final Replica first = new Replica("a", Duration.ZERO);
    private final Replica second = new Replica("b", Duration.ZERO);
    private final Replica third = new Replica("c", Duration.ZERO);

    /** A token that is valid by every clock in these tests. */
    private final Token old = TestTokens.issuedAt(
                    NOON.truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofHours(1)))
            .expiresAt(NOON.plus(Duration.ofHours(24)))
            .token();

    private final World world = World.of(first, second, third);
    private final Timeline timeline = world.time.timeline();
    private final StatusReport report = StatusReports.of(timeline);

    SteppedClockTest() {
        world.read(old).runUntilAccepted();
    }

    @Test
    void eachClockStepIsShownByTheSamplesWithoutRequests() {
        for (int offset : STEPS) {
            second.offset = Duration.ofSeconds(offset);
            world.runFor(SHOWN_WITHIN);

            assertEachOutputHasOneRow(offset);
        }
    }

    @Test
    void eachClockStepIsShownWithinTwoSecondsOfRequests() {
        for (int offset : STEPS) {
            second.offset = Duration.ofSeconds(offset);
            for (Duration run = Duration.ZERO;
                    run.compareTo(SHOWN_WITH_REQUESTS_WITHIN) < 0;
                    run = run.plusSeconds(1)) {
                world.runFor(Duration.ofSeconds(1));
                answerToTheProxy();
            }
            world.runFor(Duration.ZERO);
            world.guardian.runOnce();

            assertEachOutputHasOneRow(offset);
        }
    }

    private void answerToTheProxy() {
        Instant now = world.time.now();
        Instant date = second.clock(now).truncatedTo(ChronoUnit.SECONDS);
        world.guardian.onAnswer(
                Answers.date(SimulatedApiServer.ADDRESS, "b", new Sample(now.minusMillis(1), now, date)));
    }

    /** Checks the row of the clock that was set, and that each replica has one accepting row. */
    private void assertEachOutputHasOneRow(int offset) {
        TokenStatus tokenStatus = world.guardian.tokenStatus();
        TokenStatus asked = new OneShotProbe(world.apiServer, World.RULES, timeline)
                .check(new TokenReading.Present(old, world.time.now()));

        assertRow(report.of(tokenStatus).getJsonArray("apiServers"), offset);
        assertRow(report.of(asked).getJsonArray("apiServers"), offset);
        List<String> metrics = MetricLines.of(tokenStatus, timeline).stream()
                .filter(line -> line.startsWith("token_guardian_replica_clock_offset_seconds{"))
                .toList();
        assertThat(metrics).hasSize(3);
        assertThat(metrics)
                .filteredOn(line -> line.contains("replica=\"b\""))
                .singleElement()
                .satisfies(line -> assertThat(Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                        .isCloseTo(offset, Offset.offset(1.0)));
        assertThat(new CheckText(Path.of("/token"), SimulatedApiServer.ADDRESS, timeline)
                        .of(asked, List.of(), null)
                        .lines()
                        .filter(line -> line.startsWith("API server")))
                .hasSize(3)
                .allMatch(line -> line.contains("  accepted, clock "));
        assertThat(new CheckSvg(timeline).of(asked).split(">accepted at ", -1)).hasSize(3 + 1);
        boolean off = offset != 0;
        assertThat(report.of(tokenStatus).getJsonArray("warnings")).hasSize(off ? 1 : 0);
        assertThat(MetricLines.of(tokenStatus, timeline))
                .contains("token_guardian_clock_warnings " + (off ? "1.0" : "0.0"));
    }

    private static void assertRow(JsonArray rows, int seconds) {
        assertThat(rows)
                .hasSize(3)
                .allSatisfy(row ->
                        assertThat(((JsonObject) row).getString("verdict")).isEqualTo("accepted"));
        assertThat(rows.stream()
                        .map(JsonObject.class::cast)
                        .filter(row -> row.getString("replica").equals("b")))
                .singleElement()
                .satisfies(row -> assertThat(row.getDouble("clockOffsetSeconds"))
                        .isCloseTo((double) seconds, Offset.offset(1.0)));
    }
}
