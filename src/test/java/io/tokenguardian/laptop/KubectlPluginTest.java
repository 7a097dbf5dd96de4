package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

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
                .containsExactly("check", "--kubeconfig=", "-o", "json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--no-such-option"})
    void anArgumentThatThePluginDoesNotKnowIsNoKubeconfig(String argument) {
        String[] arguments = KubectlPlugin.arguments(PLUGIN, argument);

        assertThat(parsed("--connections=2").file).hasToString("");
        assertThatThrownBy(() -> parsed(argument)).isInstanceOf(CommandLine.UnmatchedArgumentException.class);
        assertThat(arguments).containsExactly("check", "--kubeconfig=", argument);
    }

    /** The options of {@code check}, as set by the plugin. */
    private static ReportOptions parsed(String... arguments) {
        ReportOptions options = new ReportOptions();
        String[] all = KubectlPlugin.arguments(PLUGIN, arguments);
        new CommandLine(CommandLine.Model.CommandSpec.create()
                        .addMixin("k", CommandLine.Model.CommandSpec.forAnnotatedObject(options)))
                .parseArgs(Arrays.copyOfRange(all, 1, all.length));
        return options;
    }

    @Test
    void thePluginExplainsAPod() {
        assertThat(KubectlPlugin.arguments(PLUGIN, "explain", "-n", "shop", "app-0"))
                .containsExactly("explain", "-n", "shop", "app-0");
    }

    @Test
    void thePluginTakesAnotherKubeconfigInEitherForm() {
        assertThat(KubectlPlugin.arguments(PLUGIN, "--kubeconfig", "a")).containsExactly("check", "--kubeconfig", "a");
        assertThat(KubectlPlugin.arguments(PLUGIN, "--kubeconfig=a")).containsExactly("check", "--kubeconfig=a");
    }
}
