package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;

/**
 * Decides how the heap of a native executable grows, and when an object counts as old. GraalVM has no option for it.
 * {@code docs/decisions/native.md} has the reasons.
 */
@SuppressWarnings("UnusedMethod") // called by its original name
@TargetClass(className = "com.oracle.svm.core.genscavenge.AdaptiveCollectionPolicy", onlyWith = TargetExists.class)
final class CollectionSubstitutions {

    /** The fraction of the time that collections have taken lately. */
    @Alias
    private native double decayingGcCost();

    /**
     * The fraction of the time that is left to the program, if collections took five times as long as they do.
     * GraalVM's goal, 5 % for collections, is compiled in. So the goal is 1 %, as with HotSpot.
     */
    @Substitute
    private double adjustedMutatorCost() {
        return Math.max(0, 1 - 5 * decayingGcCost());
    }

    /** Never estimates whether more memory lowered the cost of earlier collections: the estimate is often wrong. */
    @Substitute
    private static boolean shouldUseEstimator(long genChangeForThroughput, double cost) {
        return false;
    }

    /** Leaves the survivors' space at 4 MiB, and objects young until their second collection, as with HotSpot. */
    @Substitute
    private void computeSurvivorSpaceSizeAndThreshold(boolean isSurvivorOverflow, UnsignedWord survivorLimit) {}

    /** Sets the initial heap size, which is the maximum size without this substitution. */
    @TargetClass(className = "com.oracle.svm.core.genscavenge.AbstractCollectionPolicy", onlyWith = TargetExists.class)
    static final class InitialHeap {
        /** 24 MiB: 12 for old objects, 4 for new objects, and twice 4 for survivors. */
        @Substitute
        UnsignedWord getInitialHeapSize() {
            return WordFactory.unsigned(24L << 20);
        }
    }
}
