package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The objects that {@code kubectl apply -k k8s/observer} would create. {@code ObserverIT} runs the program from this
 * manifest.
 */
class ObserverTest {
    static final Path DIRECTORY = Manifests.ROOT.resolve("observer");

    private final List<HasMetadata> objects = Manifests.objects(Kubectl.find().kustomize(DIRECTORY));

    private <T extends HasMetadata> T only(Class<T> kind) {
        assertThat(objects).filteredOn(kind::isInstance).hasSize(1);
        return objects.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void itIsOneDeploymentWithItsNamespaceItsServiceAccountAndItsRole() {
        assertThat(objects)
                .extracting(HasMetadata::getKind)
                .containsExactlyInAnyOrder("Namespace", "ServiceAccount", "Role", "RoleBinding", "Deployment");
        assertThat(only(Deployment.class).getSpec().getReplicas()).isEqualTo(1);
    }

    @Test
    void itsServiceAccountAloneMayReadTheSlicesAndNothingElse() {
        Role role = only(Role.class);
        RoleBinding binding = only(RoleBinding.class);
        ServiceAccount account = only(ServiceAccount.class);

        assertThat(role.getMetadata().getNamespace()).isEqualTo("default");
        assertThat(role.getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getApiGroups()).containsExactly("discovery.k8s.io");
            assertThat(rule.getResources()).containsExactly("endpointslices");
        });
        assertThat(binding.getMetadata().getNamespace()).isEqualTo("default");
        assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
        assertThat(binding.getSubjects()).singleElement().satisfies(subject -> {
            assertThat(subject.getKind()).isEqualTo("ServiceAccount");
            assertThat(subject.getName()).isEqualTo(account.getMetadata().getName());
            assertThat(subject.getNamespace()).isEqualTo(account.getMetadata().getNamespace());
        });
        assertThat(spec().getServiceAccountName())
                .isEqualTo(account.getMetadata().getName());
    }

    /** {@code k8s/rbac/discovery} can be applied too, and neither replaces the other. */
    @Test
    void itsRoleIsBesideThatOfTheSidecars() {
        assertThat(Manifests.objects(Kubectl.find().kustomize(Manifests.ROOT.resolve("rbac/discovery"))))
                .extracting(object -> object.getMetadata().getName())
                .doesNotContain(
                        only(Role.class).getMetadata().getName(),
                        only(RoleBinding.class).getMetadata().getName());
    }

    /** Kubernetes, Pod Security Standards, "restricted". */
    @Test
    void itMeetsTheRestrictedProfileThatItsNamespaceEnforces() {
        assertThat(only(Namespace.class).getMetadata().getLabels())
                .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
        assertThat(spec().getHostNetwork()).isNull();
        assertThat(spec().getVolumes()).allMatch(volume -> volume.getProjected() != null);
        SecurityContext context = container().getSecurityContext();
        assertThat(context.getRunAsNonRoot()).isTrue();
        assertThat(context.getAllowPrivilegeEscalation()).isFalse();
        assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(context.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    }

    /** An automatically mounted token would be valid for a year (docs/api-server.md). */
    @Test
    void itsTokenIsGoodForAnHourAndIsTheOnlyOne() {
        assertThat(only(ServiceAccount.class).getAutomountServiceAccountToken()).isFalse();
        assertThat(spec().getVolumes()).singleElement().satisfies(volume -> {
            var sources = volume.getProjected().getSources();
            assertThat(sources.get(0).getServiceAccountToken().getExpirationSeconds())
                    .isEqualTo(3600);
            assertThat(sources.get(1).getConfigMap().getName()).isEqualTo("kube-root-ca.crt");
        });
        assertThat(container().getVolumeMounts())
                .singleElement()
                .satisfies(mount ->
                        assertThat(mount.getMountPath()).isEqualTo("/var/run/secrets/kubernetes.io/serviceaccount"));
    }

    @Test
    void itsProxyIsOffAndItsDiscoveryOn() {
        assertThat(container().getEnv())
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(
                        tuple("GUARDIAN_PROXY_ENABLED", "false"),
                        tuple("GUARDIAN_API_SERVER_DISCOVER_REPLICAS", "true"));
    }

    /** Without an app to delay, a startup probe would only restart the observer every ten minutes. */
    @Test
    void itHasNoStartupProbe() {
        assertThat(container().getStartupProbe()).isNull();
    }

    private PodSpec spec() {
        return only(Deployment.class).getSpec().getTemplate().getSpec();
    }

    private Container container() {
        return spec().getContainers().get(0);
    }
}
