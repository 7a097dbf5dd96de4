package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.laptop.KubeconfigFile;
import io.tokenguardian.laptop.KubeconfigFile.Credential;
import io.tokenguardian.standin.StandInApiServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs {@code check --kubeconfig} outside the cluster, against three replicas behind one address. The second replica is
 * 75 s behind, and the third 20 s ahead.
 */
class KubeconfigIT {
    private static final Duration[] OFFSETS = {Duration.ZERO, Duration.ofSeconds(-75), Duration.ofSeconds(20)};

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().offsets(OFFSETS).start();
        server.issue(); // creates the service account default/default
    }

    private Path kubeconfig(Credential credential) throws IOException {
        String user = KubeconfigFile.user(credential, server, directory);
        return KubeconfigFile.write(directory.resolve("config"), server, user);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--kubeconfig", "--context=here"})
    void theTextBeginsWithTheCause(String option) throws Exception {
        Program.Ended ended =
                Program.run(Map.of("KUBECONFIG", "/nowhere:" + kubeconfig(Credential.TOKEN)), "check", option);

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(3);
        assertThat(ended.out())
                .containsPattern(
                        "^\\S+'s clock is 95 s behind that of \\S+\\. Pods whose token \\S+ issues get 401 from \\S+ for"
                                + " their first 35 s\\.\nSet the clock of \\S+ right \\(NTP\\)\\.")
                .contains("issued by ↓  accepted by →", "25 connections to 3 replicas");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "config --context other | 6 | the kubeconfig has no context \"other\"; allowed is one of [here]",
                "missing | 6 | missing does not exist",
                "config --service-account default/other | 2 | --service-account default/other does not exist; allowed is ",
                "config --service-account other | 2 | --service-account other is not valid; allowed is NAMESPACE/NAME",
                "config --connections 0 | 2 | --connections 0 is not valid; allowed is 1 to 64",
            })
    void anErrorIsReportedInASingleLine(String arguments, int exitCode, String message) throws Exception {
        kubeconfig(Credential.TOKEN);
        List<String> words = new ArrayList<>(List.of(arguments.split(" ")));
        words.set(0, directory.resolve(words.get(0)).toString());
        words.addAll(0, List.of("check", "--kubeconfig"));

        Program.Ended ended = Program.command(Map.of(), words.toArray(String[]::new));

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(exitCode);
        assertThat(ended.err()).startsWith("token-guardian: ").contains(message).hasLineCount(1);
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void anUnreachableServerExitsWith7() throws Exception {
        Path kubeconfig = kubeconfig(Credential.TOKEN);
        server.stopAccepting();

        Program.Ended ended = Program.command(Map.of(), "check", "--kubeconfig", kubeconfig.toString());

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(7);
        assertThat(ended.err())
                .isEqualTo("token-guardian: no connection to 127.0.0.1:" + server.port() + ": Connection refused\n");
    }

    @Test
    void aPredictionUsesTheConfiguredLeeway() throws Exception {
        server.authorization((user, request) -> !request.path().endsWith("/token"));

        Program.Ended ended = Program.command(
                Map.of("GUARDIAN_API_SERVER_LEEWAY", "5m"),
                "check",
                "--kubeconfig",
                kubeconfig(Credential.TOKEN).toString());

        assertThat(ended.exitCode()).as(ended.toString()).isZero();
        assertThat(ended.out()).startsWith("All 3 replicas accept each other's tokens.");
    }
}
