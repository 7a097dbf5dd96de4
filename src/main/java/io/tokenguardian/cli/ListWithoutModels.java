package io.tokenguardian.cli;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.api.builder.VisitableBuilder;
import io.fabric8.kubernetes.api.model.KubernetesListFluent;

/**
 * The Kubernetes client's list of resources of any kind, which a native executable can't fill: it chooses the builder of each
 * item, and so names those of the core's kinds. The client makes one of a JSON array, and of what it is to do at once.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // nothing calls it by this name
@TargetClass(KubernetesListFluent.class)
final class ListWithoutModels {
    @Substitute
    static VisitableBuilder<?, ?> builder(Object item) {
        throw new LeftOutException();
    }
}
