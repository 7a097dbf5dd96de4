package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubectlPluginTest {
    private static final String PLUGIN = "/usr/local/bin/kubectl-token_guardian";

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"token-guardian", "/kubectl-token_guardian/token-guardian", "./kubectl-token_guardian-2"})
    void underAnotherNameTheArgumentsStay(String executable) {
        assertThat(KubectlPlugin.arguments(executable, "wait")).containsExactly("wait");
    }

    @ParameterizedTest
    @ValueSource(strings = {PLUGIN, "kubectl-token_guardian"})
    void asThePluginItChecksKubectlsOwnKubeconfig(String executable) {
        assertThat(KubectlPlugin.arguments(executable, "-o", "json"))
                .containsExactly("check", "--kubeconfig", "-o", "json");
    }

    @Test
    void thePluginTakesAnotherKubeconfigInEitherForm() {
        assertThat(KubectlPlugin.arguments(PLUGIN, "--kubeconfig", "a")).containsExactly("check", "--kubeconfig", "a");
        assertThat(KubectlPlugin.arguments(PLUGIN, "--kubeconfig=a")).containsExactly("check", "--kubeconfig=a");
    }
}
