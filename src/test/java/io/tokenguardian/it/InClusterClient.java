package io.tokenguardian.it;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * An app that runs in a pod and uses fabric8. For each name that it reads, it creates a config map in its own
 * namespace.
 */
final class InClusterClient {
    private InClusterClient() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader names = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String name = names.readLine(); name != null; name = names.readLine()) {
            // Creates a client for each name, because the server closes the previous connection without notice, and a
            // reused client might detect that too late.
            try (KubernetesClient client = new KubernetesClientBuilder()
                    .withConfig(Config.autoConfigure(null))
                    .build()) {
                client.resource(new ConfigMapBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .withNamespace(client.getNamespace())
                                .endMetadata()
                                .build())
                        .create();
                System.out.println("configmap/" + name + " created");
            }
        }
    }
}
