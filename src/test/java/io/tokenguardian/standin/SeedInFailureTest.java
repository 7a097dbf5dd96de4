package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class SeedInFailureTest {

    private final AssertionError failure = new AssertionError("expected 1 but was 2");

    @BeforeEach
    void noConnectionYet() {
        RandomSelection.forget();
    }

    @Test
    void theSeedIsNamedOnceAConnectionWasDealtToOneOfTwoReplicas() {
        // Given
        ReplicaSelection.atRandom().next(2);
        // When
        Throwable named = SeedInFailure.withSeed(failure);
        // Then
        assertThat(named)
                .hasMessageStartingWith("java.lang.AssertionError: expected 1 but was 2")
                .hasMessageEndingWith("-Dstandin.seed=" + RandomSelection.SEED + " repeats it")
                .hasCause(failure);
    }

    @Test
    void aFailureWithOneReplicaStaysAsItIs() {
        // Given
        ReplicaSelection.atRandom().next(1);
        // When, Then
        assertThat(SeedInFailure.withSeed(failure)).isSameAs(failure);
    }

    @Test
    void aSkippedTestStaysSkipped() {
        // Given
        ReplicaSelection.atRandom().next(2);
        TestAbortedException skipped = new TestAbortedException("no kubectl");
        // When, Then
        assertThat(SeedInFailure.withSeed(skipped)).isSameAs(skipped);
    }
}
