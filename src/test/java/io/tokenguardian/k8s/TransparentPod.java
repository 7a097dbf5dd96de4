package io.tokenguardian.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A pod with the guardian, however the guardian was added. */
record TransparentPod(PodSpec spec) {
    private static final String GUARDIAN = "token-guardian";

    Container guardian() {
        return all().filter(one -> one.getName().equals(GUARDIAN)).findFirst().orElseThrow();
    }

    /** Returns the values of the guardian's variables, by name. */
    Map<String, String> settings() {
        return guardian().getEnv().stream().collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue, (a, b) -> b));
    }

    private Stream<Container> all() {
        return Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream());
    }
}
