package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which image the manifests and the pages name, and where users set their own image. */
class ImageTest {
    static final String HEADING = "The image";

    private static final Path PAGE = Path.of("docs/kubernetes.md");

    @TempDir
    Path directory = Path.of("");

    /** The project's version, which is the image's tag. */
    static String version() {
        return Pattern.compile("<artifactId>token-guardian</artifactId>\\s*<version>(.+)</version>")
                .matcher(Manifests.text(Path.of("pom.xml")))
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eachContainerAndThePolicyTakeAnImageThatTheNodeHas() {
        assertThat(GuardianContainers.files())
                .flatExtracting(file -> GuardianContainers.in(Manifests.text(file)))
                .isNotEmpty()
                .allSatisfy(
                        container -> assertThat(container.getImagePullPolicy()).isEqualTo("IfNotPresent"));
        assertThat(Sidecar.ofTheComponent().getImagePullPolicy()).isEqualTo("IfNotPresent");
    }

    @Test
    void theKustomizationOfThePageNamesTheRegistryOfObserverAndPolicy() throws IOException {
        List<HasMetadata> objects = Manifests.objects(Kubectl.find().kustomizePage(HEADING, directory));

        String image = "registry.example.com/token-guardian:" + version();
        assertThat(objects)
                .filteredOn(Deployment.class::isInstance)
                .singleElement()
                .satisfies(observer -> assertThat(((Deployment) observer)
                                .getSpec()
                                .getTemplate()
                                .getSpec()
                                .getContainers()
                                .get(0)
                                .getImage())
                        .isEqualTo(image));
        assertThat(objects)
                .filteredOn(ConfigMap.class::isInstance)
                .singleElement()
                .satisfies(parameters ->
                        assertThat(((ConfigMap) parameters).getData()).containsEntry("image", image));
    }

    @Test
    void theRowForYourOwnImageCopiesTheExecutableOfTheImage() {
        assertThat(Manifests.text(PAGE)).contains("COPY --from=token-guardian:" + version() + " /token-guardian /");
        assertThat(Manifests.text(Path.of("Dockerfile.native"))).contains("\nENTRYPOINT [\"/token-guardian\"]\n");
    }
}
