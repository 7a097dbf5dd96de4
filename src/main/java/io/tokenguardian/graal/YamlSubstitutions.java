package io.tokenguardian.graal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.client.utils.Serialization;

/**
 * Removes the Kubernetes client's second parser of YAML. The client writes a kubeconfig with it when it has refreshed
 * an OpenID Connect token. The guardian never makes it do that. All YAML is read by the other one.
 */
@SuppressWarnings("DoNotCallSuggester") // called by its original name
@TargetClass(Serialization.class)
final class YamlSubstitutions {
    @Substitute
    static ObjectMapper yamlMapper() {
        throw new RemovedCodeException();
    }
}
