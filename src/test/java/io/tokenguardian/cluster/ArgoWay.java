package io.tokenguardian.cluster;

import java.util.Locale;

/** How the pods of a workflow get the guardian. */
enum ArgoWay {
    UNGUARDED("guarded-pipeline", "{labels: {token-guardian.io/inject: 'false'}}"),

    /** By the policy, in its default mode. */
    GATE("guarded-pipeline", "{annotations: {token-guardian.io/mode: gate}}"),

    /** By the policy, with the label and the annotation of the pipeline and of the controller's config map. */
    TRANSPARENT("guarded-pipeline", "{}"),

    /** By the patch in the pipeline. The policy leaves these pods alone. */
    PATCHED("patched-transparent-pipeline", "{labels: {token-guardian.io/inject: 'false'}}");

    private final String pipeline;
    private final String podMetadata;

    ArgoWay(String pipeline, String podMetadata) {
        this.pipeline = pipeline;
        this.podMetadata = podMetadata;
    }

    /** Returns the name of the pipeline's WorkflowTemplate. */
    String pipeline() {
        return pipeline;
    }

    /** Returns the workflow's own {@code podMetadata}. It overrides the template's and the controller's. */
    String podMetadata() {
        return podMetadata;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
