package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.api.builder.VisitableBuilder;
import io.fabric8.kubernetes.api.model.KubernetesListFluent;

/**
 * Leaves out how the Kubernetes client fills a list of resources of any kind. To fill it, the client chooses the
 * builder of each item, and so names the builders of the core kinds. The client creates such a list from a JSON array,
 * and for operations on several resources at once.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // called by its original name
@TargetClass(KubernetesListFluent.class)
final class ListSubstitutions {
    @Substitute
    static VisitableBuilder<?, ?> builder(Object item) {
        throw new RemovedCodeException();
    }
}
