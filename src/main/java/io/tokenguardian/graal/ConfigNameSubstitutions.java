package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.quarkus.runtime.configuration.NameIterator;

/**
 * Leaves out Quarkus's search for names of settings that it does not know. At each start of a native executable it
 * compares every name, of which there are some hundred, with all that it declares, to warn of a wrong one. The program
 * looks for wrong names itself.
 */
@SuppressWarnings("UnusedMethod") // called by its original name
@TargetClass(className = "io.quarkus.runtime.generated.Config")
final class ConfigNameSubstitutions {

    @Substitute
    public static boolean isMapped(NameIterator name) {
        return true;
    }
}
