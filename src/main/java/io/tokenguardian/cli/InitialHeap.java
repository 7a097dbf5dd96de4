package io.tokenguardian.cli;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;

/**
 * The heap that a native executable begins with, HotSpot's {@code InitialHeapSize}: GraalVM has no option for it, and begins with
 * 128 MiB, which is all that ours may have, and so with the largest young generation. A start fills that with garbage. From less it
 * grows while collections take more than 5 % of the time; collections that take less make it smaller again
 * ({@code AdaptiveCollectionPolicy}, GraalVM 25).
 */
@SuppressWarnings("UnusedMethod") // nothing calls it by this name
@TargetClass(className = "com.oracle.svm.core.genscavenge.AbstractCollectionPolicy")
final class InitialHeap {
    /**
     * Half of it is for old objects, and the young generation gets the least that the collector takes: 4 MiB for new objects, and
     * twice 4 for those that survive.
     */
    @Substitute
    UnsignedWord getInitialHeapSize() {
        return WordFactory.unsigned(24L << 20);
    }
}
