package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.client.readiness.Readiness;

/** Removes {@code Readiness}, which refers to all models, from the Kubernetes client in a native executable. */
@SuppressWarnings("DoNotCallSuggester") // called by its original name
@TargetClass(className = "io.fabric8.kubernetes.client.Config")
final class ClientReadinessSubstitutions {
    @Substitute
    public Readiness getReadiness() {
        throw new RemovedCodeException();
    }
}
