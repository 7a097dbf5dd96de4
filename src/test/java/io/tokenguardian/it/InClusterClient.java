package io.tokenguardian.it;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** An app in a pod, with fabric8: makes a config map in its own namespace of each name that it reads. */
final class InClusterClient {
    private InClusterClient() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader names = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String name = names.readLine(); name != null; name = names.readLine()) {
            // A client each: the connection of the last one is closed without a word, which a kept one may notice too
            // late.
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
