package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomSelectionTest {

    /** With this seed, the first eight connections lead to one of two replicas. */
    private static final long UNLUCKY = 12_007_473_920_651L;

    private static final long LUCKY = 2;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void theFirstEightConnectionsReachAllReplicas(int replicas) {
        ReplicaSelection selection = ReplicaSelection.random(RandomSelection.seedThatReachesAll(System::nanoTime));

        assertThat(IntStream.range(0, 8).mapToObj(i -> selection.next(replicas)))
                .containsAll(IntStream.range(0, replicas).boxed().toList());
    }

    @Test
    void aSeedThatMissesAReplicaIsNotUsed() {
        PrimitiveIterator.OfLong seeds = LongStream.of(UNLUCKY, LUCKY).iterator();

        assertThat(RandomSelection.seedThatReachesAll(seeds::nextLong)).isEqualTo(LUCKY);
    }
}
