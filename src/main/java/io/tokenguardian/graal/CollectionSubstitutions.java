package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import org.graalvm.word.UnsignedWord;

/**
 * Decides how the heap of a native executable grows, and when an object counts as old, where GraalVM has no option for
 * it ({@code AdaptiveCollectionPolicy}, GraalVM 25).
 */
@SuppressWarnings("UnusedMethod") // called by its original name
@TargetClass(className = "com.oracle.svm.core.genscavenge.AdaptiveCollectionPolicy")
final class CollectionSubstitutions {

    /** The share of the time that collections have taken lately. */
    @Alias
    private native double decayingGcCost();

    /**
     * The share of the time that is left to the program, if collections took five times as long as they do. GraalVM
     * compares it with its goal, which is compiled in: collections may take 5 % of the time ({@code GC_TIME_RATIO}). So
     * the young generation grows while they take more than 1 %, as with HotSpot. With 5 % it stays at its least. All
     * event loops stand still in a collection, so that the goal shows in the slowest responses.
     */
    @Substitute
    private double adjustedMutatorCost() {
        return Math.max(0, 1 - 5 * decayingGcCost());
    }

    /**
     * Never asks, for neither generation, whether more memory lowered the cost of earlier collections: GraalVM
     * estimates that from the last ones, and may keep the young generation at its least while collections take 5 % of
     * the time.
     */
    @Substitute
    private static boolean shouldUseEstimator(long genChangeForThroughput, double cost) {
        return false;
    }

    /**
     * Leaves the survivors' space and the age at which objects become old as they began: 4 MiB, and a second collection
     * ({@code -H:MaxSurvivorSpaces=1}). GraalVM lowers that age down to the first collection. Then what belongs to the
     * requests under way becomes old by each collection, and soon a full one has to free it. With HotSpot an object is
     * old after its second collection at the earliest.
     */
    @Substitute
    private void computeSurvivorSpaceSizeAndThreshold(boolean isSurvivorOverflow, UnsignedWord survivorLimit) {}
}
