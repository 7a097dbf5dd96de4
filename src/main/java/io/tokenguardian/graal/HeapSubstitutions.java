package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;

/**
 * Sets the initial heap size of a native executable, HotSpot's {@code InitialHeapSize}. GraalVM has no option for it,
 * and begins with 128 MiB. That is our heap's maximum, so the young generation would have its maximum size too, and
 * startup would fill it with garbage. A smaller heap grows while collections take more than 1 % of the time
 * ({@link CollectionSubstitutions}), and shrinks when they take less ({@code AdaptiveCollectionPolicy}, GraalVM 25).
 */
@SuppressWarnings("UnusedMethod") // called by its original name
@TargetClass(className = "com.oracle.svm.core.genscavenge.AbstractCollectionPolicy")
final class HeapSubstitutions {
    /**
     * 24 MiB. Half of it is for old objects. The other half is the least that the collector gives to the young
     * generation: 4 MiB for new objects, and twice 4 MiB for those that survive.
     */
    @Substitute
    UnsignedWord getInitialHeapSize() {
        return WordFactory.unsigned(24L << 20);
    }
}
