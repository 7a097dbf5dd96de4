package io.tokenguardian.cli;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.RecomputeFieldValue;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.api.model.Status;
import io.quarkus.runtime.RuntimeValue;
import java.util.Arrays;
import org.graalvm.nativeimage.hosted.FieldValueTransformer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the models out of what Quarkus's extension for the Kubernetes client has found out at build time. It has put their
 * classes into a {@link RuntimeValue}, for the client's deserializer; a class that is there brings every method of its own
 * and all models that these name. Other values are left as they are.
 */
@SuppressWarnings("UnusedVariable") // nothing reads it by this name
@TargetClass(RuntimeValue.class)
final class ExtensionWithoutModels {
    @Alias
    @RecomputeFieldValue(kind = RecomputeFieldValue.Kind.Custom, declClass = FoundWithoutModels.class)
    private @Nullable Object value;

    /** Keeps {@link Status}: a watch that ends with an error is started afresh only if that is known for what it is. */
    static final class FoundWithoutModels implements FieldValueTransformer {
        private static final String MODELS = "io.fabric8.kubernetes.api.model.";

        @Override
        public @Nullable Object transform(Object runtimeValue, @Nullable Object found) {
            if (found instanceof Class<?>[] classes
                    && Arrays.stream(classes).allMatch(each -> each.getName().startsWith(MODELS))) {
                return Arrays.stream(classes).filter(Status.class::equals).toArray(Class<?>[]::new);
            }
            return found;
        }
    }
}
