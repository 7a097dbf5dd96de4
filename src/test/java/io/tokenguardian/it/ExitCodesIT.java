package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.TokenSpec;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks each exit code in the contract by running the program. */
class ExitCodesIT {
    /** 130 s, measured from a {@code Date} in whole seconds with an error of half a second plus the round trip. */
    private static final String ABOUT_130_S = "2 min (9|10|11) s";

    private static final String TLS_DEBUG =
            "token-guardian: javax.net.debug is not allowed, because the JDK would print the token";

    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
    }

    @Test
    void checkOfAnAcceptedTokenExitsWith0() throws Exception {
        Program.Ended ended = Program.run(world.environment(), "check");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(ended.out())
                .contains(
                        "Verdict     accepted",
                        "system:serviceaccount:",
                        world.volume.token().toString())
                .doesNotContain("\u001b");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void checkOfAnOldTokenExitsWith8IfAReplicaIsSlowerThanAllowed() throws Exception {
        acceptedThoughOneReplicaIsSlow();

        Program.Ended ended = Program.run(world.environment(), "check", "--max-skew", "30s", "-o", "json");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(8);
        assertThat(new JsonObject(ended.out()).getJsonArray("warnings"))
                .singleElement()
                .asString()
                .matches("cp-2's clock is " + ABOUT_130_S + " behind this node's\\. .* Set cp-2's clock \\(NTP\\)\\.");
        assertThat(ended.err().lines())
                .singleElement()
                .asString()
                .matches("token-guardian: cp-2's clock is " + ABOUT_130_S
                        + " behind this node's; --max-skew allows 30\\.0 s");
    }

    /** The second of three replicas is 130 s behind, and the token is ten minutes old. */
    private void acceptedThoughOneReplicaIsSlow() throws IOException {
        world.mount(world.apiServer.issue(
                TokenSpec.unextended().issuedAt(Instant.now().minus(Duration.ofMinutes(10)))));
        world.dealInTurn().offset(1, Duration.ofSeconds(-130));
    }

    @Test
    void helpAndVersionNeedNoCluster() throws Exception {
        for (List<String> command :
                List.of(List.of("--help"), List.of("serve", "--help"), List.of("wait", "-h"), List.of("check", "-h"))) {
            Program.Ended ended = Program.command(Map.of(), command.toArray(String[]::new));

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
            assertThat(ended.out()).startsWith("Usage: token-guardian");
            assertThat(ended.err()).isEmpty();
        }
        assertThat(Program.run(Map.of(), "--version").out()).matches("token-guardian \\d+\\.\\S+\\R");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "serve"})
    void thePropertyThatPrintsTheTokenIsRefused(String command) throws Exception {
        Program.Ended ended = Program.run(world.environment(), ("-Djavax.net.debug=all " + command).split(" "));

        assertThat(ended).isEqualTo(new Program.Ended(2, "", TLS_DEBUG + "\n"));
    }

    /** A native executable does not read the variable. */
    @Test
    void theVariableOfTheJvmDoesNotPrintTheTokenEither() throws Exception {
        world.set("JAVA_TOOL_OPTIONS", "-Djavax.net.debug=all");

        Program.Ended ended = Program.run(world.environment(), "check");

        assertThat(ended.exitCode()).as(ended.toString()).isIn(0, 2);
        assertThat(ended.err().lines().filter(line -> !line.startsWith("Picked up JAVA_TOOL_OPTIONS")))
                .containsExactlyElementsOf(ended.exitCode() == 0 ? List.of() : List.of(TLS_DEBUG));
    }

    @Test
    void wrongUsageExitsWith2AndNamesTheHelpInASingleLine() throws Exception {
        Program.Ended command = Program.run(world.environment(), "guard");
        Program.Ended option = Program.run(world.environment(), "wait", "--timeout", "soon");

        assertThat(command.exitCode()).isEqualTo(2);
        assertThat(command.err().lines())
                .singleElement()
                .asString()
                .isEqualTo("token-guardian: \"guard\" is not a command; allowed is serve, wait, exec, check, explain,"
                        + " settings, help, version; see \"token-guardian --help\".");
        assertThat(option.exitCode()).isEqualTo(2);
        assertThat(option.err().lines())
                .singleElement()
                .asString()
                .startsWith("token-guardian: --timeout: \"soon\" is wrong; allowed is a duration ")
                .endsWith("; see \"token-guardian wait --help\".");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "serve extra | serve: \"extra\" is wrong; allowed is --help, --version; see",
                "serve --port 8001 | serve: \"--port\" is wrong; allowed is --help, --version; see",
                "wait --timeout=abc | --timeout: \"abc\" is wrong; allowed is a duration",
                "exec --accepted-by most true | --accepted-by: \"most\" is wrong; allowed is every or any",
                "check | guardian.api-server.url is not set, nor are both of KUBERNETES_SERVICE_HOST and"
                        + " KUBERNETES_SERVICE_PORT, which Kubernetes sets in a pod: set the URL, or both of these;"
                        + " outside a pod, use check --kubeconfig or explain",
            })
    void outsideAPodIncorrectUsageIsReportedBeforeAMissingSetting(String arguments, String message) throws Exception {
        Program.Ended ended = Program.command(Map.of(), arguments.split(" "));

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(2);
        assertThat(ended.err()).startsWith("token-guardian: " + message).hasLineCount(1);
    }

    @Test
    void waitForAnAcceptedTokenExitsWith0() throws Exception {
        Program.Ended ended = Program.run(world.environment(), "wait");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(ended.out()).startsWith("accepted: ");
    }

    @Test
    void waitExitsWith0OnceTheSlowReplicaAccepts() throws Exception {
        world.breakReplica(1);
        try (Program waiting = Program.start(world.environment(), "wait", "--timeout", "20m")) {
            await().until(() ->
                    world.apiServer.replica(1).requests().stream().anyMatch(request -> request.status() == 401));

            world.healReplica(1);

            Program.Ended ended = waiting.ended();
            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        }
    }

    @Test
    void waitForATokenAcceptedAfterTheTimeoutExitsWith3AtOnce() throws Exception {
        world.offset(1, Duration.ofHours(-1));

        Program.Ended ended = Program.run(world.environment(), "wait", "--timeout", "10m");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(3);
        assertThat(ended.out()).contains("That is past the timeout.", "cp-2's clock");
    }

    @Test
    void waitForATokenFileThatNeverAppearsExitsWith6() throws Exception {
        world.set(
                "GUARDIAN_TOKEN_PATH", world.volume.directory().resolve("other").toString());

        Program.Ended ended = Program.run(world.environment(), "wait", "--timeout", "10s");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(6);
    }

    @Test
    void waitForAnUnreachableApiServerExitsWith7AndOneResult() throws Exception {
        world.apiServer.stopAccepting();

        Program.Ended ended = Program.run(world.environment(), "wait", "--timeout", "1s");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(7);
        // On a busy machine, the result may still be pending.
        assertThat(ended.out()).as(ended.toString()).hasLineCount(2);
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void waitForAnyExitsWith0WhileWaitForEveryExitsWith3() throws Exception {
        world.breakReplica(1);

        Program.Ended any = Program.command(world.environment(), "wait", "--accepted-by", "any");
        Program.Ended every =
                Program.command(world.environment(), "wait", "--accepted-by", "every", "--timeout", "60s");

        assertThat(any.exitCode()).as(any.toString()).isEqualTo(0);
        assertThat(any.out()).startsWith("usable: ").contains(" At least one replica accepts a token of this pod.");
        assertThat(every.exitCode()).as(every.toString()).isEqualTo(3);
        assertThat(every.out()).startsWith("not-yet-valid: ");
    }

    @Test
    void aNonFatalRefusalIsAWarningAndWaitExitsWith0() throws Exception {
        world.mount(world.apiServer.issue(TokenSpec.unextended().audience("vault")));

        Program.Ended ended = Program.run(world.environment(), "wait", "--timeout-fatal", "false");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
        assertThat(ended.err()).contains("WARN  No accepted token, but --timeout-fatal=false: continuing. refused: ");
    }

    @Test
    void aWrongSettingIsFatalDespiteTheOption() throws Exception {
        world.set("GUARDIAN_WAIT_TIMEOUT", "a while");

        Program.Ended ended = Program.command(world.environment(), "wait", "--timeout-fatal=false");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(2);
    }
}
