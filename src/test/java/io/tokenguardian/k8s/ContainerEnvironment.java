package io.tokenguardian.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The environment that kubelet gives a container (docs/api-server.md, Probes and sidecars). It has the container's own
 * variables (for each name, the last one wins) and any of the variables for the service {@code kubernetes} that it does
 * not set itself. {@code $(NAME)} in a value refers to an earlier variable of the container or, without one, to the
 * service's variable.
 */
final class ContainerEnvironment {
    private static final Map<String, String> SERVICE = Map.of(
            "KUBERNETES_SERVICE_HOST", "10.96.0.1",
            "KUBERNETES_SERVICE_PORT", "443",
            "KUBERNETES_SERVICE_PORT_HTTPS", "443");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\((\\w+)\\)");

    private ContainerEnvironment() {}

    static Map<String, String> of(Container container) {
        Map<String, String> environment = new HashMap<>();
        for (EnvVar variable : container.getEnv()) {
            environment.put(variable.getName(), expanded(variable, environment));
        }
        SERVICE.forEach(environment::putIfAbsent);
        return environment;
    }

    /** Returns the address at which an in-cluster client of this container looks for the API server. */
    static String apiServer(Container container) {
        Map<String, String> environment = of(container);
        return environment.get("KUBERNETES_SERVICE_HOST") + ":" + environment.get("KUBERNETES_SERVICE_PORT");
    }

    /** Expands references in a variable's value. A variable with {@code valueFrom} is empty here. */
    private static String expanded(EnvVar variable, Map<String, String> before) {
        return REFERENCE
                .matcher(Objects.requireNonNullElse(variable.getValue(), ""))
                .replaceAll(reference -> Matcher.quoteReplacement(before.getOrDefault(
                        reference.group(1), SERVICE.getOrDefault(reference.group(1), reference.group()))));
    }
}
