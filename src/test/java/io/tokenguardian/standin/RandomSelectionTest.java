package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PrimitiveIterator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RandomSelectionTest {

    /** With this seed, the first eight connections lead to one of two replicas. */
    private static final long UNLUCKY = 12_007_473_920_651L;

    private static final long LUCKY = 2;

    @Test
    void aSeedThatMissesAReplicaIsNotUsed() {
        PrimitiveIterator.OfLong seeds = LongStream.of(UNLUCKY, LUCKY).iterator();

        assertThat(RandomSelection.seedThatReachesAll(seeds::nextLong)).isEqualTo(LUCKY);
    }
}
