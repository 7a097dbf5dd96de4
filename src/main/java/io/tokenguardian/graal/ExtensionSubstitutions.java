package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.RecomputeFieldValue;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.api.model.Status;
import io.quarkus.runtime.RuntimeValue;
import java.util.Arrays;
import org.graalvm.nativeimage.hosted.FieldValueTransformer;
import org.jspecify.annotations.Nullable;

/**
 * Removes the models that Quarkus's Kubernetes client extension puts into a {@link RuntimeValue} for the client's
 * deserializer. Each would pull all its methods, and all models that they refer to, into the executable.
 */
@SuppressWarnings("UnusedVariable") // read by its original name
@TargetClass(value = RuntimeValue.class, onlyWith = TargetExists.class)
final class ExtensionSubstitutions {
    @Alias
    @RecomputeFieldValue(kind = RecomputeFieldValue.Kind.Custom, declClass = FoundWithoutModels.class)
    private @Nullable Object value;

    /** Keeps {@link Status}: a watch that ends with an error is reopened only if the error is read as a Status. */
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
