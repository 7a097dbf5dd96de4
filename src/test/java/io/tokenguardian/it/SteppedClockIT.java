package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.TokenSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The clock of one of three replicas is set repeatedly while requests flow through the proxy. After each step the
 * status shows the replica in one row with its new clock. Prints how long that takes. {@code SteppedClockTest} tests
 * the limits in simulated time.
 */
class SteppedClockIT {
    /** So old that no clock in these tests shows a time before the token's window. */
    private static final Duration AGE = Duration.ofMinutes(20);

    private static final int STEPPED = 1;
    private static final Pattern METRIC =
            Pattern.compile("(?m)^token_guardian_replica_clock_offset_seconds\\{.*} (\\S+)$");

    @AutoClose
    private World world;

    private Program serving;

    @BeforeEach
    void start(@TempDir Path directory) throws Exception {
        world = World.of(3, directory).dealInTurn();
        world.mount(world.apiServer.issue(
                TokenSpec.unextended().issuedAt(Instant.now().minus(AGE))));
        serving = world.serve();
        ServeIT.awaitReady(world);
        await().until(() -> status().getJsonArray("apiServers").size() == 3);
        world.apiServer.selection(ReplicaSelection.order(STEPPED));
    }

    private JsonObject status() throws Exception {
        return new JsonObject(world.local("GET", "/status").body());
    }

    private static List<Long> offsets(JsonObject status) {
        return rows(status).stream()
                .map(row -> Math.round(((JsonObject) row).getDouble("clockOffsetSeconds")))
                .toList();
    }

    private static JsonArray rows(JsonObject status) {
        return status.getJsonArray("apiServers");
    }

    /** Sends requests until the status shows the row. New connections from the proxy go to that replica. */
    private void awaitRow(int offset) {
        Instant begin = Instant.now();
        await().pollInterval(Duration.ofMillis(100)).until(() -> {
            assertThat(world.proxied("/version").statusCode()).isEqualTo(200);
            return offsets(status()).stream()
                            .filter(each -> isAbout(each, offset))
                            .count()
                    == (offset == 0 ? 3 : 1);
        });
        System.out.printf(
                "%d s: in the status %d ms later%n",
                offset, Duration.between(begin, Instant.now()).toMillis());
    }

    private static boolean isAbout(double seconds, int offset) {
        return Math.abs(seconds - offset) <= 1;
    }

    private void assertOneRowEach(int offset) throws Exception {
        JsonObject status = status();
        assertThat(rows(status))
                .hasSize(3)
                .allSatisfy(row ->
                        assertThat(((JsonObject) row).getString("verdict")).isEqualTo("accepted"));
        assertThat(status.getJsonArray("warnings")).hasSize(offset == 0 ? 0 : 1);

        assertThat(METRIC.matcher(world.metrics()).results().map(SteppedClockIT::value))
                .hasSize(3)
                .anyMatch(seconds -> isAbout(seconds, offset));
        assertThat(world.local("GET", "/status.svg").body().split(">accepted at ", -1))
                .hasSize(3 + 1);

        Program.Ended check = Program.command(world.environment(), "check", "-o", "json");
        assertThat(check.exitCode()).as(check.toString()).isZero();
        assertThat(offsets(new JsonObject(check.out())))
                .singleElement()
                .satisfies(seconds -> assertThat(isAbout(seconds, offset)).isTrue());
    }

    private static double value(MatchResult line) {
        return Double.parseDouble(line.group(1));
    }

    @Test
    void eachOutputShowsEachClockStepOnce() throws Exception {
        for (int offset : List.of(-400, -75, -500, 0)) {
            world.offset(STEPPED, Duration.ofSeconds(offset));

            awaitRow(offset);

            assertOneRowEach(offset);
        }
        assertThat(serving.err()).isEmpty();
    }
}
