package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.laptop.KubeconfigFile;
import io.tokenguardian.laptop.KubeconfigFile.Credential;
import io.tokenguardian.laptop.LaptopRun;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.ResourceType;
import io.tokenguardian.standin.StandInApiServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs {@code token-guardian-cli.jar} on this JDK. Its path contains spaces, and the kubeconfig has Windows line
 * endings.
 */
class CliJarIT {
    private static final Path JAR = Path.of("target/token-guardian-cli.jar");

    @TempDir
    Path temporary;

    private Path directory;
    private List<String> command;

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        directory = Files.createDirectories(temporary.resolve("Program Files/token guardian"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String jar = Files.copy(JAR, directory.resolve(JAR.getFileName())).toString();
        command = List.of(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", jar);
        server = StandInApiServer.builder()
                .offsets(Duration.ZERO, Duration.ofSeconds(-90))
                .start();
        server.issue(); // creates the service account default/default
        server.objects().create(ResourceType.PODS, "default", (ObjectNode) new ObjectMapper().readTree(ExplainIT.POD));
    }

    private Path kubeconfig(Credential credential) throws IOException {
        String user = KubeconfigFile.user(credential, server, directory);
        Path file = KubeconfigFile.write(directory.resolve("kube config"), server, user);
        return Files.writeString(file, Files.readString(file).replace("\n", "\r\n"));
    }

    private Program.Ended run(Map<String, String> environment, String... arguments) throws Exception {
        try (Program program = Program.startOther(command, environment, arguments)) {
            return program.ended();
        }
    }

    /** Runs the command in this JVM. */
    private static Program.Ended command(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = LaptopRun.of(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Program.Ended(exitCode, out.toString(), err.toString());
    }

    private Map<String, String> environment(Credential credential) throws IOException {
        return Map.of("KUBECONFIG", kubeconfig(credential).toString());
    }

    @ParameterizedTest
    @EnumSource
    void explainNamesTheCause(Credential credential) throws Exception {
        Program.Ended ended = run(environment(credential), "explain", "app-0");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(3);
        assertThat(ended.out()).startsWith("cp-2's clock is ");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void checkMeasuresTheReplicas() throws Exception {
        Program.Ended ended = run(environment(Credential.TOKEN), "check", "--max-skew", "1h", "-o", "json");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(3);
        assertThat(new JsonObject(ended.out()).getJsonArray("replicas")).hasSize(2);
        assertThat(ended.err()).isEmpty();
    }

    /** The jar and the executable write JSON with different libraries. */
    @Test
    void explainPrintsTheSameJsonAsTheExecutable() throws Exception {
        server.authorization((user, request) -> request.resource().equals("serviceaccounts"));
        server.selection(ReplicaSelection.inTurn());

        String[] arguments = {
            "explain",
            "app-0",
            "-o",
            "json",
            "--connections",
            "2",
            "--kubeconfig",
            kubeconfig(Credential.TOKEN).toString()
        };
        Program.Ended ended = run(Map.of(), arguments);
        Program.Ended executable = Program.command(Map.of(), arguments);

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(executable.exitCode());
        assertThat(withoutNumbers(ended.out())).isEqualTo(withoutNumbers(executable.out()));
    }

    /** Removes numbers, and sentences that contain numbers, since they differ from run to run. */
    private static String withoutNumbers(String json) {
        return json.replaceAll("(\"(?:explanation|advice)\" : )\"[^\"]*\"", "$1")
                .replaceAll("-?\\d+([.]\\d+)?(E-?\\d+)?", "N");
    }

    /** The launcher passes on the name of the plugin. */
    @Test
    void thePluginNameRunsCheckWithTheKubeconfig() throws Exception {
        String name = "-Dtoken-guardian.executable=" + directory.resolve("kubectl-token_guardian");

        Program.Ended ended = run(environment(Credential.TOKEN), name, "--connections", "8");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(3);
        assertThat(ended.out()).contains("8 connections to ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | Missing required subcommand; see",
                "serve | \"serve\" is not a command; allowed is check, explain, help, version; see",
                "--chek | \"--chek\" is wrong; allowed is --help, --version; see \"token-guardian --help\".",
                "version now | version: \"now\" is wrong; allowed is --help, --version;",
                "help a b | help: \"b\" is wrong; allowed is COMMAND, --help, --version;",
                "explain | Missing required parameter: 'POD'",
                "check --max-skew long | --max-skew: \"long\" is wrong; allowed is a duration such as ",
            })
    void incorrectUsageIsReportedInASingleLine(String arguments, String message) throws Exception {
        Program.Ended ended = command(arguments.isEmpty() ? new String[0] : arguments.split(" "));

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(2);
        assertThat(ended.err()).startsWith("token-guardian: ").contains(message).hasLineCount(1);
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void thePropertyThatPrintsTheTokenIsRefused() throws Exception {
        Program.Ended ended = run(environment(Credential.TOKEN), "-Djavax.net.debug=all", "explain", "app-0");

        assertThat(ended)
                .isEqualTo(new Program.Ended(
                        2,
                        "",
                        "token-guardian: javax.net.debug is not allowed, because the JDK would print the token\n"));
    }

    @Test
    void theJarContainsNoClassOfTheServer() throws Exception {
        List<String> names = new ArrayList<>();
        try (JarFile jar = new JarFile(JAR.toFile())) {
            jar.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.endsWith(".class"))
                    .forEach(names::add);
        }

        assertThat(names)
                .contains("io/tokenguardian/laptop/LaptopMain.class")
                .noneMatch(name -> name.matches("io/(quarkus|smallrye|micrometer|fabric8)/.*|org/jboss/logmanager/.*"))
                .noneMatch(name -> name.matches("io/vertx/core/(http|net|eventbus|impl/Vertx|Vertx).*"))
                .noneMatch(name -> name.matches("io/tokenguardian/(standin|cli|graal|health|listener|metrics|pod)/.*"))
                .noneMatch(name -> name.matches("io/tokenguardian/(vetted|web|proxy/.+/|proxy/L|guardian/Guardian).*"));
        assertThat(Files.size(JAR)).isLessThan(5_000_000);
    }

    @Test
    void aTokenAsTheNameOfAPodIsNotShown() throws Exception {
        Program.Ended ended = run(Map.of(), "explain", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2lnbmF0dXJl");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(2);
        assertThat(ended.err())
                .startsWith("token-guardian: POD *** is not valid")
                .hasLineCount(1);
    }
}
