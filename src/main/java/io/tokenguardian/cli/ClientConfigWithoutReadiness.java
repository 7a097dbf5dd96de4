package io.tokenguardian.cli;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.client.readiness.Readiness;

/** The Kubernetes client's way to what it knows of readiness, cut off in a native executable: that names each kind's model. */
@SuppressWarnings("DoNotCallSuggester") // nothing calls it by this name
@TargetClass(className = "io.fabric8.kubernetes.client.Config")
final class ClientConfigWithoutReadiness {
    @Substitute
    public Readiness getReadiness() {
        throw new LeftOutException();
    }
}
