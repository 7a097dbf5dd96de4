package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;

/**
 * Lets the heap of a native executable, mostly its young generation, grow while collections take more than 1 % of the
 * time, as HotSpot does. GraalVM's goal is 5 % ({@code GC_TIME_RATIO} of {@code AdaptiveCollectionPolicy}, GraalVM 25),
 * for which it keeps the young generation at its least. All event loops stand still in a collection, so that the goal
 * shows in the slowest responses. The constant is compiled in, so the cost that is compared with it is multiplied.
 */
@SuppressWarnings("UnusedMethod") // called by its original name
@TargetClass(className = "com.oracle.svm.core.genscavenge.AdaptiveCollectionPolicy")
final class CollectionCostSubstitutions {

    /** The share of the time that collections have taken lately. */
    @Alias
    private native double decayingGcCost();

    /**
     * The share of the time that is left to the program, if collections took five times as long as they do. GraalVM
     * compares it with its goal.
     */
    @Substitute
    private double adjustedMutatorCost() {
        return Math.max(0, 1 - 5 * decayingGcCost());
    }
}
