package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.vetted.VettedDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A day with three replicas, one of them two minutes behind. Each replica issues tokens by its own clock. The token is
 * rotated every two seconds, and clocks are set at random. A caller sends requests in between, both with the token in
 * the token source, as the proxy does, and with the token in the vetted directory. The test simulates an hour; the
 * whole day needs {@code -Dsimulated.hours=24}. {@code -Dsimulated.steps.every=30} sets clocks ten times as often.
 */
@Tag("slow")
@Tag("simulation")
class SimulatedDayTest {
    private static final Duration LENGTH = Duration.ofHours(Integer.getInteger("simulated.hours", 1));
    private static final Duration ROTATION = Duration.ofSeconds(2);

    /** One of the clocks is set in one of this many rotations. */
    private static final int STEP_EVERY = Integer.getInteger("simulated.steps.every", 300);

    private static final int KNOWN = 100;

    private final SplittableRandom random = new SplittableRandom(20260301);
    private final Replica[] replicas = {
        new Replica("a", Duration.ofMillis(3)),
        new Replica("b", Duration.ofMillis(-250)),
        new Replica("c", Duration.ofMinutes(-2))
    };
    private final SimulatedTime time = new SimulatedTime(World.NOON);
    private final World world = new World(time, SimulatedApiServer.inTurn(time, replicas));

    /** The tokens that were in use most recently. They go back further than any clock is set back. */
    private final Deque<Token> known = new ArrayDeque<>();

    @Test
    void noRequestThatAnAcceptedTokenCouldHaveCarriedGetsA401(@TempDir Path temporary) throws Exception {
        Path directory = temporary.resolve("vetted");
        VettedDirectories.Writer writer =
                VettedDirectories.writer(directory, Files.createFile(temporary.resolve("source")));
        world.guardian.onTokenStatus(writer);
        world.tokenSource.onChange(this::noteInUse);
        int without = 0;
        int refused = 0;
        int promotions = 0;
        Token before = null;
        int rotations = (int) LENGTH.dividedBy(ROTATION);
        for (int i = 0; i < rotations; i++) {
            if (random.nextInt(STEP_EVERY) == 0) {
                step(replicas[random.nextInt(replicas.length)]);
            }
            // Tokens of the slow replica are accepted at once. They are rare, so that most rotations have to wait.
            world.read(issue(replicas[random.nextInt(20) == 0 ? 2 : random.nextInt(2)]));
            Duration untilAsked = Duration.ofMillis(random.nextLong(1, ROTATION.toMillis()));
            world.runFor(untilAsked);

            Token inUse = world.guardian.tokenStatus().acceptedToken();
            assertThat(read(directory)).isEqualTo(inUse == null ? null : inUse.bearer());
            promotions += Objects.equals(inUse, before) ? 0 : 1;
            before = inUse;
            Replica asked = replicas[random.nextInt(replicas.length)];
            if (inUse == null) {
                without++;
            } else if (!asked.accepts(inUse, time.now())) {
                refused++;
                assertThat(known)
                        .as("tokens that were in use before, and could have carried the request")
                        .noneMatch(this::isAcceptedByAll);
                assertThat(causeAt(asked, inUse))
                        .as("what the proxy sends again or holds")
                        .isEqualTo(Finding.NOT_YET_VALID);
            }
            world.runFor(ROTATION.minus(untilAsked));
            world.apiServer.asked.clear();
        }
        System.out.printf(
                "%d rotations, %d promotions; of %d requests %d found no accepted token, %d met a clock set back%n",
                rotations, promotions, rotations, without, refused);
        assertThat(promotions).isGreaterThan(rotations / 40);
        // Times without a token: the first minute, and after a clock is set back.
        assertThat(without).isLessThan(rotations / 50);
        assertThat(refused).isLessThanOrEqualTo(1 + rotations / 1_000);
    }

    private void noteInUse() {
        Token inUse = world.guardian.tokenStatus().acceptedToken();
        if (inUse != null && !known.contains(inUse)) {
            known.addLast(inUse);
        }
        if (known.size() > KNOWN) {
            known.removeFirst();
        }
    }

    private boolean isAcceptedByAll(Token token) {
        return Arrays.stream(replicas).allMatch(replica -> replica.accepts(token, time.now()));
    }

    /** Steps a clock, mostly by up to two seconds, or sets it to within half a minute of its original offset. */
    private void step(Replica replica) {
        Duration by = Duration.ofMillis(
                random.nextInt(4) == 0 ? random.nextLong(-30_000, 30_000) : random.nextLong(-2_000, 2_000));
        Duration base = replica == replicas[2] ? Duration.ofMinutes(-2) : Duration.ZERO;
        replica.offset = base.plus(by);
    }

    private Finding causeAt(Replica replica, Token token) {
        Instant date = replica.clock(time.now()).truncatedTo(ChronoUnit.SECONDS);
        return ValidityWindow.of(token, SimulatedApiServer.LEEWAY).refusedAt(date);
    }

    private Token issue(Replica issuer) {
        Instant issuedAt = issuer.clock(time.now()).truncatedTo(ChronoUnit.SECONDS);
        return TestTokens.issuedAt(issuedAt)
                .expiresAt(issuedAt.plusSeconds(3_600))
                .token();
    }

    private static @Nullable String read(Path directory) throws IOException {
        Path token = directory.resolve("token");
        return Files.exists(token) ? Files.readString(token) : null;
    }
}
