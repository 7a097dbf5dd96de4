package io.tokenguardian.graal;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.api.builder.VisitableBuilder;
import io.fabric8.kubernetes.api.model.KubernetesListFluent;

/**
 * Removes the code that fills the Kubernetes client's lists of mixed kinds. That code chooses the builder of each item,
 * and so refers to the builders of the core kinds. The client creates such a list from a JSON array, and for operations
 * on several resources at once. The guardian does neither.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // called by its original name
@TargetClass(KubernetesListFluent.class)
final class ListSubstitutions {
    @Substitute
    static VisitableBuilder<?, ?> builder(Object item) {
        throw new RemovedCodeException();
    }
}
