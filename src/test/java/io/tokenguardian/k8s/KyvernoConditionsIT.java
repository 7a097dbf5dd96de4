package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.envtest.Api;
import io.tokenguardian.envtest.ControlPlane;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The selectors and conditions of Kyverno's policies on a real API server, in a webhook like Kyverno's. */
@Tag("envtest")
class KyvernoConditionsIT {
    private static final String WEBHOOK = """
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingWebhookConfiguration
            metadata: {name: kyverno}
            webhooks:
              - name: mutate.kyverno.svc
                admissionReviewVersions: [v1]
                sideEffects: NoneOnDryRun
                clientConfig: {url: "https://kyverno.example"}
            """;

    @Test
    void theApiServerTakesTheConditionsInAWebhook() {
        Api admin = ControlPlane.shared().apiServer(0).admin();

        assertThat(KyvernoInjectionTest.rendered("kyverno", "MutatingPolicy"))
                .hasSize(2)
                .allSatisfy(policy -> {
                    JsonNode configuration = Manifests.documents(WEBHOOK).get(0);
                    JsonNode constraints = policy.at("/spec/matchConstraints");
                    ObjectNode webhook = (ObjectNode) configuration.at("/webhooks/0");
                    webhook.set("rules", constraints.path("resourceRules"));
                    webhook.set("objectSelector", constraints.path("objectSelector"));
                    webhook.set("matchConditions", policy.at("/spec/matchConditions"));
                    assertThat(admin.post(
                                            PolicyObjects.collection(configuration) + "?dryRun=All",
                                            configuration.toString())
                                    .status())
                            .isEqualTo(201);
                });
    }
}
