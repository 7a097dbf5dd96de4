package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.TokenSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * At first every connection goes to a replica that refuses the token. Prints how long after the acceptance time
 * {@code started} appears and a held request gets its response.
 */
@InSequence // each test measures a delay
class AcceptanceTimeIT {
    private static final int LEEWAY = 60;

    /** The guardian itself sends no request to this path. */
    private static final String CALLED = "/api";

    @TempDir
    Path directory;

    /** Clock offsets are in seconds. The token is issued while all clocks are still correct. */
    @ParameterizedTest(name = "accepted by {0}, clocks off by {1}, {2}, {3} s")
    @CsvSource({"every, -70, -70, -70", "any, -70, -600, -600"})
    void startedTurnsUpAtTheRequiredAcceptance(String acceptedBy, int first, int second, int third) throws Exception {
        int[] offsets = {first, second, third};
        try (World world = World.of(3, directory)) {
            world.set("GUARDIAN_READINESS_ACCEPTED_BY", acceptedBy);
            Instant issuedAt = issue(world);
            for (int i = 0; i < offsets.length; i++) {
                world.offset(i, Duration.ofSeconds(offsets[i]));
            }
            Instant moment = issuedAt.minusSeconds(LEEWAY + offsets[0]);
            try (Program serving = Program.start(world.environment(), "serve")) {
                ServeIT.awaitAnswer(world);
                CompletableFuture<Instant> answered = answered(world);

                await().pollInterval(Duration.ofMillis(2)).until(() -> world.health("started") == 200);
                Instant started = Instant.now();

                assertThat(answered.get()).isAfterOrEqualTo(moment);
                assertThat(started).isAfterOrEqualTo(moment);
                System.out.printf(
                        "accepted by %s, %s: started %d ms after the moment, the first answer %d ms%n",
                        acceptedBy,
                        Arrays.toString(offsets),
                        Duration.between(moment, started).toMillis(),
                        Duration.between(moment, answered.get()).toMillis());
                assertThat(serving.err()).isEmpty();
            }
        }
    }

    private static Instant issue(World world) throws Exception {
        Instant issuedAt = Instant.ofEpochSecond(Instant.now().getEpochSecond());
        world.mount(world.apiServer.issue(TokenSpec.unextended().issuedAt(issuedAt)));
        return issuedAt;
    }

    /** Sends a request through the proxy. Completes with the time of its response, which must be 200. */
    private static CompletableFuture<Instant> answered(World world) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                assertThat(world.proxied(CALLED).statusCode()).isEqualTo(200);
                return Instant.now();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }
}
