package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.standin.ProjectedVolume;
import io.tokenguardian.standin.TokenSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged program with exactly the role from {@code k8s/rbac} that each feature needs, and without each verb of
 * that role.
 */
@Tag("envtest")
class RolesIT {
    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);

    @RegisterExtension
    final ConnectionDealer dealer = new ConnectionDealer(plane.apiServers());

    @TempDir
    Path directory;

    RolesIT() throws IOException {}

    private GuardedPod start(String token, Map<String, String> settings) throws IOException {
        return new GuardedPod(directory, token, dealer, settings);
    }

    /** Returns the warnings that name a role. On a busy machine, other warnings report slow servers. */
    private List<String> warnings(GuardedPod pod) throws IOException {
        return pod.program()
                .out()
                .lines()
                .filter(line -> line.contains(" WARN ") && line.contains("k8s/rbac/"))
                .toList();
    }

    @Test
    void theRoleAllowsReviewsOfATokenForAnotherAudience() throws Exception {
        account.grant("token-review", "");
        try (GuardedPod pod = startWithVault()) {
            pod.awaitLine("name=my-vault ");

            assertThat(judgedBy(pod)).isEqualTo("server");
        }
    }

    @Test
    void withoutCreateTheClocksDecideAndAWarningIsLoggedOnce() throws Exception {
        account.grant("token-review", "create");
        try (GuardedPod pod = startWithVault()) {
            pod.awaitLine("name=my-vault ");

            assertThat(judgedBy(pod)).isEqualTo("clock");
            assertThat(warnings(pod).stream().filter(line -> line.contains("reviews=")))
                    .singleElement()
                    .asString()
                    .contains("k8s/rbac/token-review");
        }
    }

    private static String judgedBy(GuardedPod pod) {
        return pod.status().path("tokens").path("my-vault").path("judgedBy").asText();
    }

    private GuardedPod startWithVault() throws IOException {
        TokenSpec vault = account.spec().audience("vault");
        ProjectedVolume volume = ProjectedVolume.create(
                directory.resolve("vault"),
                plane.files().issue(vault),
                plane.files().caPem(),
                "default");
        return start(
                account.token(),
                Map.of("GUARDIAN_TOKENS_MY_VAULT_PATH", volume.token().toString()));
    }
}
