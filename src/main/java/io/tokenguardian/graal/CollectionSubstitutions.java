package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;

/** How the heap of a native executable grows, and when an object counts as old (docs/decisions/native.md). */
@SuppressWarnings("UnusedMethod") // called by its original name
@TargetClass(className = "com.oracle.svm.core.genscavenge.AdaptiveCollectionPolicy", onlyWith = TargetExists.class)
final class CollectionSubstitutions {

    /** The fraction of recent time that was spent on garbage collections. */
    @Alias
    private native double decayingGcCost();

    /**
     * Computed as if collections took five times as long as they do: GraalVM's goal of 5 % for collections is a
     * compile-time constant. With this factor, the effective goal is 1 %, as in HotSpot.
     */
    @Substitute
    private double adjustedMutatorCost() {
        return Math.max(0, 1 - 5 * decayingGcCost());
    }

    /** Disables the estimate of whether more memory has lowered the cost of collections, as it is often wrong. */
    @Substitute
    private static boolean shouldUseEstimator(long genChangeForThroughput, double cost) {
        return false;
    }

    /** Keeps the survivor space at 4 MiB, and keeps objects young until their second collection, as in HotSpot. */
    @Substitute
    private void computeSurvivorSpaceSizeAndThreshold(boolean isSurvivorOverflow, UnsignedWord survivorLimit) {}

    /** Sets the initial heap size. Without this substitution, the heap would start at its maximum size. */
    @TargetClass(className = "com.oracle.svm.core.genscavenge.AbstractCollectionPolicy", onlyWith = TargetExists.class)
    static final class InitialHeap {
        /** Returns 24 MiB: 12 MiB for old objects, 4 MiB for new objects, and 2 × 4 MiB for survivors. */
        @Substitute
        UnsignedWord getInitialHeapSize() {
            return WordFactory.unsigned(24L << 20);
        }
    }
}
