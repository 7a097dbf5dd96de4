package io.tokenguardian.cli;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.client.dsl.InOutCreateable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;

/**
 * The Kubernetes client in a native executable, where the methods are cut off that name models which are left out: a
 * native build links all that may be reached, a JVM only what is called.
 */
@SuppressWarnings("DoNotCallSuggester") // nothing calls them by this name
@TargetClass(className = "io.fabric8.kubernetes.client.impl.KubernetesClientImpl")
final class ClientWithoutModels {
    @Substitute
    public InOutCreateable<?, ?> tokenReviews() {
        throw new UnsupportedOperationException("left out of this program");
    }

    @Substitute
    public MixedOperation<?, ?, ?> leases() {
        throw new UnsupportedOperationException("left out of this program");
    }

    @Substitute
    public NonNamespaceOperation<?, ?, ?> runtimeClasses() {
        throw new UnsupportedOperationException("left out of this program");
    }
}
