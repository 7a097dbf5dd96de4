package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The original incident: three replicas with different certificates, one of them with a clock that is two minutes off,
 * and a fresh token. Each new connection goes to a random replica, as with kube-proxy.
 */
@Tag("slow")
@Tag("simulation")
class RandomLotsTest {
    private static final int WORLDS = 2_000;
    private static final Duration OFF = Duration.ofMinutes(2);

    /** Which clock is off. */
    enum Incident {
        ISSUER_AHEAD(OFF, Duration.ZERO, Duration.ZERO),
        ONE_BEHIND(Duration.ZERO, Duration.ZERO, OFF.negated()),
        ONE_BEHIND_AND_ONE_FAR_AHEAD(Duration.ZERO, Duration.ofMinutes(11), OFF.negated());

        private final Duration issuer;
        private final Duration second;
        private final Duration third;

        Incident(Duration issuer, Duration second, Duration third) {
            this.issuer = issuer;
            this.second = second;
            this.third = third;
        }

        Pod pod(long seed) {
            return pod(
                    seed,
                    List.of(new Replica("cp-1", issuer), new Replica("cp-2", second), new Replica("cp-3", third)));
        }

        /** One certificate, which names no machine. */
        Pod sharing(long seed) {
            List<Replica> replicas =
                    List.of(new Replica("all", issuer), new Replica("all", second), new Replica("all", third));
            replicas.forEach(each -> each.names = List.of());
            return pod(seed, replicas);
        }

        private static Pod pod(long seed, List<Replica> replicas) {
            World world = World.dealt(seed, replicas.toArray(Replica[]::new));
            Instant issuedAt = replicas.get(0).clock(World.NOON).truncatedTo(ChronoUnit.SECONDS);
            Token token = TestTokens.issuedAt(issuedAt).token();
            return new Pod(replicas, token, world.read(token));
        }
    }

    private record Pod(List<Replica> replicas, Token token, World world) {
        boolean isRefusedNow() {
            return replicas.stream().anyMatch(replica -> !replica.accepts(token, world.time.now()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void atMostTwoPodsInAThousandStartWhileAReplicaRefuses(Incident incident) {
        assertFewStartEarly(incident.name(), WORLDS * 2 / 1_000, incident::pod);
    }

    @ParameterizedTest
    @EnumSource(names = {"ISSUER_AHEAD", "ONE_BEHIND"})
    void atMostOnePodInAThousandStartsEarlyIfTheReplicasShareACertificate(Incident incident) {
        assertFewStartEarly(incident + ", one certificate", WORLDS / 1_000, incident::sharing);
    }

    private static void assertFewStartEarly(String name, int most, LongFunction<Pod> pods) {
        List<Long> early = LongStream.range(0, WORLDS)
                .filter(seed -> {
                    Pod pod = pods.apply(seed);
                    pod.world().runUntilAccepted();
                    return pod.isRefusedNow();
                })
                .boxed()
                .toList();

        System.out.printf("%s: %d of %d pods started early%n", name, early.size(), WORLDS);
        assertThat(early).as("the seeds of pods that started early").hasSizeLessThanOrEqualTo(most);
    }

    @Test
    void aKeyThatOnlyOneReplicaHasLeavesTheTokenUsableAndNotAccepted() {
        for (int seed = 0; seed < 200; seed++) {
            Pod pod = Incident.ONE_BEHIND.pod(seed);
            pod.replicas().get(1).unknown.add(pod.token());
            pod.replicas().get(2).unknown.add(pod.token());

            pod.world().runFor(Duration.ofSeconds(1));
            for (int second = 0; second < 120; second++) {
                pod.world().runFor(Duration.ofSeconds(1));
                assertThat(pod.world().guardian.tokenStatus().isUsable())
                        .as("seed %d, second %d", seed, second)
                        .isTrue();
                assertThat(pod.world().guardian.tokenStatus().isAccepted())
                        .as("seed %d, second %d", seed, second)
                        .isFalse();
            }
        }
    }
}
