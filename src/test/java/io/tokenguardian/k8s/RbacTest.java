package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The roles for optional features. Each allows one thing. */
class RbacTest {
    private final Kubectl kubectl = Kubectl.find();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pod-condition | '' | pods/status | patch",
                "events | '' | events | create",
                "discovery | discovery.k8s.io | endpointslices | list watch"
            })
    void eachRoleAllowsOneThing(String directory, String group, String resource, String verbs) {
        List<HasMetadata> objects = Manifests.objects(
                kubectl.kustomize(Manifests.ROOT.resolve("rbac").resolve(directory)));

        assertThat(objects).hasSize(2);
        Role role = (Role) objects.get(0);
        assertThat(role.getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getApiGroups()).containsExactly(group);
            assertThat(rule.getResources()).containsExactly(resource);
            assertThat(rule.getVerbs()).containsExactly(verbs.split(" "));
        });
        RoleBinding binding = (RoleBinding) objects.get(1);
        assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
        assertThat(binding.getSubjects()).hasSize(1);
    }

    @Test
    void theRoleForReviewsAllowsThemAloneAndIsBoundForTheWholeCluster() {
        List<HasMetadata> objects = Manifests.objects(
                kubectl.kustomize(Manifests.ROOT.resolve("rbac").resolve("token-review")));

        assertThat(objects).hasSize(2);
        ClusterRole role = (ClusterRole) objects.get(0);
        assertThat(role.getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getApiGroups()).containsExactly("authentication.k8s.io");
            assertThat(rule.getResources()).containsExactly("tokenreviews");
            assertThat(rule.getVerbs()).containsExactly("create");
        });
        ClusterRoleBinding binding = (ClusterRoleBinding) objects.get(1);
        assertThat(binding.getRoleRef().getKind()).isEqualTo("ClusterRole");
        assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
        assertThat(binding.getSubjects())
                .singleElement()
                .satisfies(subject -> assertThat(subject.getNamespace()).isEqualTo("default"));
    }

    @Test
    void theWholeDirectoryHasAllFour() {
        assertThat(Manifests.objects(kubectl.kustomize(Manifests.ROOT.resolve("rbac"))))
                .extracting(
                        object -> object.getKind() + " " + object.getMetadata().getName())
                .containsExactlyInAnyOrder(
                        "Role token-guardian-pod-condition",
                        "RoleBinding token-guardian-pod-condition",
                        "Role token-guardian-events",
                        "RoleBinding token-guardian-events",
                        "Role token-guardian-discovery",
                        "RoleBinding token-guardian-discovery",
                        "ClusterRole token-guardian-token-review",
                        "ClusterRoleBinding token-guardian-token-review");
    }
}
