package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whether each container of pasted or rendered manifests, run as any user, can read the tokens that it mounts, and
 * whether the guardian can read kubelet's.
 */
class PodFilesTest {
    private static final Path PAGE = Path.of("docs/kubernetes.md");

    @TempDir
    Path directory = Path.of("");

    /** The users that the app's manifest can name. */
    enum Users {
        NOBODY_NAMED,
        ANOTHER_USER,
        THE_GUARDIANS_USER,
        ROOT,
        A_POD_OF_ANOTHER_USER,
        A_FILE_SYSTEM_GROUP,
        ANOTHER_USER_AND_A_FILE_SYSTEM_GROUP;

        void set(PodSpec pod) {
            switch (this) {
                case NOBODY_NAMED -> {}
                case ANOTHER_USER -> runAs(pod, 1000L);
                case THE_GUARDIANS_USER -> runAs(pod, 65532L);
                case ROOT -> runAs(pod, 0L);
                case A_POD_OF_ANOTHER_USER -> context(pod).setRunAsUser(1000L);
                case A_FILE_SYSTEM_GROUP -> context(pod).setFsGroup(2000L);
                case ANOTHER_USER_AND_A_FILE_SYSTEM_GROUP -> {
                    runAs(pod, 1000L);
                    context(pod).setFsGroup(2000L);
                }
            }
        }

        private static void runAs(PodSpec pod, long user) {
            for (Container container : pod.getContainers()) {
                SecurityContext context = new SecurityContext();
                context.setRunAsUser(user);
                container.setSecurityContext(context);
            }
        }

        private static PodSecurityContext context(PodSpec pod) {
            if (pod.getSecurityContext() == null) {
                pod.setSecurityContext(new PodSecurityContext());
            }
            return pod.getSecurityContext();
        }
    }

    @Test
    void everyYamlBlockOfThePageHasATest() {
        assertThat(Readme.blocks(PAGE, "yaml"))
                .extracting(Readme.Block::heading)
                .containsExactly(
                        ImageTest.HEADING,
                        ReadmeTest.WORKLOADS,
                        ReadmeTest.WORKLOADS,
                        ReadmeTest.WORKLOADS,
                        ReadmeTest.WAIT_ONLY,
                        InjectionPageTest.ANNOTATIONS,
                        ArgoTest.HEADING,
                        TransparentSidecarTest.PLACEHOLDER,
                        InjectionPageTest.PLACEHOLDER,
                        ReadmeTest.GATE,
                        PodMonitorTest.HEADING,
                        SidecarTest.QUOTAS,
                        InjectionPageTest.RESTRICTED,
                        InjectionPageTest.RESTRICTED);
    }

    @Test
    void withoutItsModeAnAppOfAnotherUserWouldNot() throws IOException {
        PodSpec pod = rendered("transparent").findFirst().orElseThrow();
        Users.ANOTHER_USER.set(pod);

        Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
                .forEach(container ->
                        container.getEnv().removeIf(one -> one.getName().equals("GUARDIAN_VETTED_MODE")));

        assertThat(new PodFiles(pod).unreadable())
                .contains("app, user 1000, reads no token-guardian-vetted: 640 of 65532:65532");
    }

    @ParameterizedTest
    @EnumSource
    void theAppReadsWhatTheComponentHasTheGuardianWrite(Users users) {
        assertThat(rendered("transparent")).hasSize(6).allSatisfy(pod -> {
            users.set(pod);
            assertThat(new PodFiles(pod).unreadable()).isEmpty();
        });
    }

    private static Stream<PodSpec> rendered(String component) {
        String golden = Manifests.text(Path.of("src/test/resources/k8s/sidecar/" + component + ".yaml"));
        return Workload.all(golden).stream()
                .filter(Workload::isLabelled)
                .map(workload -> workload.template().getSpec());
    }
}
