package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The manifest that the README points to. */
class ManifestTest {
    @Test
    void thePodIsGatedByAStartupProbeAndHasNoUnknownField() throws IOException {
        ObjectMapper strict =
                new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

        Pod pod = strict.readValue(Path.of("k8s/pod.yaml").toFile(), Pod.class);

        assertThat(pod.getAdditionalProperties()).isEmpty();
        assertThat(pod.getSpec().getAdditionalProperties()).isEmpty();
        Container sidecar = pod.getSpec().getInitContainers().get(0);
        assertThat(sidecar.getAdditionalProperties()).isEmpty();
        assertThat(sidecar.getRestartPolicy()).isEqualTo("Always");
        assertThat(sidecar.getStartupProbe().getHttpGet().getPath()).isEqualTo("/q/health/started");
        assertThat(sidecar.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    }
}
