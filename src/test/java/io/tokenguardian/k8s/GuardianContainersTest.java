package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.tokenguardian.Readme;
import io.tokenguardian.proxy.ProxySettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the guardian's containers have in common in all manifests, however they are added. {@link InjectionIT} covers
 * the admission policy.
 */
class GuardianContainersTest {
    private static final long MIB = 1L << 20;
    private static final Path OBSERVER = Manifests.ROOT.resolve("observer");

    private final Container sidecar = Sidecar.ofTheComponent();

    static Stream<Path> files() {
        return GuardianContainers.files().stream();
    }

    @Test
    void guardianIsInPodsComponentPatchesArgoFilesAndTheObserver() {
        assertThat(files()).hasSize(2 + 2 * 3 + 1 + 1);
    }

    @ParameterizedTest
    @MethodSource("files")
    void eachHasTheSameResourcesAndTheSameRights(Path file) {
        assertThat(GuardianContainers.in(Manifests.text(file))).isNotEmpty().allSatisfy(container -> {
            assertThat(container.getResources()).isEqualTo(sidecar.getResources());
            assertThat(container.getSecurityContext()).isEqualTo(sidecar.getSecurityContext());
        });
    }

    @ParameterizedTest
    @MethodSource("files")
    void eachThatIsAskedIsAskedTheSame(Path file) {
        assertThat(GuardianContainers.in(Manifests.text(file)))
                .filteredOn(container -> !container.getPorts().isEmpty())
                .allSatisfy(container -> {
                    assertThat(container.getPorts()).isEqualTo(sidecar.getPorts());
                    assertThat(container.getReadinessProbe()).isEqualTo(sidecar.getReadinessProbe());
                    assertThat(container.getLivenessProbe()).isEqualTo(sidecar.getLivenessProbe());
                    if (container.getLifecycle() == null && !file.startsWith(OBSERVER)) {
                        assertThat(container.getStartupProbe()).isEqualTo(sidecar.getStartupProbe());
                    }
                });
    }

    /** Without a group in the manifest, Kubernetes uses the group root, whatever the image declares. */
    @Test
    void theUserAndGroupAreThoseOfTheImage() {
        SecurityContext context = sidecar.getSecurityContext();

        assertThat("USER " + context.getRunAsUser() + ":" + context.getRunAsGroup())
                .isEqualTo(in(Path.of("Dockerfile.native"), "(?m)^USER \\d.*$").group());
    }

    @Test
    void memoryLimitHoldsFullHeapKeptBodiesAndAQuarterMore() {
        long heap =
                Long.parseLong(in(Path.of("pom.xml"), "-R:MaxHeapSize=(\\d+)m").group(1)) * MIB;
        long limit =
                bytes(Objects.requireNonNull(sidecar.getResources().getLimits().get("memory")));

        assertThat(heap + ProxySettings.REPLAY_TOTAL).isLessThanOrEqualTo(limit * 3 / 4);
    }

    @Test
    void theDocumentationDerivesTheFiguresThatTheManifestsHave() {
        String derivation = Manifests.text(Path.of("docs/kubernetes.md"));

        assertThat(derivation)
                .contains(
                        "`cpu: " + sidecar.getResources().getRequests().get("cpu") + "`",
                        "`memory: " + sidecar.getResources().getRequests().get("memory") + "`",
                        "`memory: " + sidecar.getResources().getLimits().get("memory") + "`");
        assertThat(sidecar.getResources().getLimits()).containsOnlyKeys("memory");
    }

    @Test
    void documentationNamesTheMemoryRatioThatALimitRangeMustAllow() {
        long limit =
                bytes(Objects.requireNonNull(sidecar.getResources().getLimits().get("memory")));
        long request = bytes(
                Objects.requireNonNull(sidecar.getResources().getRequests().get("memory")));

        assertThat(Manifests.text(Path.of("docs/kubernetes.md")))
                .contains("a `maxLimitRequestRatio` under " + limit / request + " for memory");
    }

    @Test
    void everySettingThatAManifestHasIsInTheReference() {
        Set<String> variables = Readme.settings().stream()
                .map(name -> name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
                .collect(Collectors.toSet());

        Set<String> inManifests = manifests().stream()
                .flatMap(file -> matches("\\bGUARDIAN_[A-Z_]+", Manifests.text(file)).stream())
                .collect(Collectors.toSet());

        assertThat(inManifests).isNotEmpty().isSubsetOf(variables);
    }

    private static long bytes(Quantity quantity) {
        return Quantity.getAmountInBytes(quantity).longValueExact();
    }

    private static List<Path> manifests() {
        try (Stream<Path> files = Files.walk(Manifests.ROOT)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> matches(String regex, String text) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private static MatchResult in(Path file, String regex) {
        return Pattern.compile(regex)
                .matcher(Manifests.text(file))
                .results()
                .findFirst()
                .orElseThrow();
    }
}
