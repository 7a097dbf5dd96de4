package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.laptop.KubeconfigFile;
import io.tokenguardian.standin.ResourceType;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.standin.StandInApiServerBuilder;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exit codes and output formats of {@code explain}, run outside the cluster. */
class ExplainIT {
    static final String POD = """
            {"metadata": {"name": "app-0"}, "spec": {
              "volumes": [{"name": "access", "projected": {"sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}]}}],
              "containers": [{"name": "main", "volumeMounts": [
                {"name": "access", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}]}}""";

    @TempDir
    Path directory;

    @AutoClose
    private StandInApiServer server;

    @BeforeEach
    void start() throws IOException {
        start(StandInApiServer.builder());
    }

    private void start(StandInApiServerBuilder builder) throws IOException {
        server = builder.start();
        server.issue(); // creates the service account default/default
        create(POD);
        create("{\"metadata\": {\"name\": \"without\"}, \"spec\": {\"automountServiceAccountToken\": false}}");
    }

    private void create(String pod) throws IOException {
        server.objects().create(ResourceType.PODS, "default", (ObjectNode) new ObjectMapper().readTree(pod));
    }

    /** Runs {@code explain} with {@code --kubeconfig}, since a command in this JVM does not see another environment. */
    private Program.Ended explain(String... arguments) throws Exception {
        Stream<String> words = Stream.of("explain", "--kubeconfig", kubeconfig().toString());
        return Program.command(
                Map.of(), Stream.concat(words, Stream.of(arguments)).toArray(String[]::new));
    }

    /** Starts a process, which reads the variable. */
    private Program.Ended run(String... arguments) throws Exception {
        return Program.run(
                Map.of("KUBECONFIG", kubeconfig().toString()),
                Stream.concat(Stream.of("explain"), Stream.of(arguments)).toArray(String[]::new));
    }

    private Path kubeconfig() throws IOException {
        return KubeconfigFile.withToken(directory.resolve("config"), server);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app-0 | 0 | No fault was found: a token issued for this pod now is accepted by every replica",
                "pod/app-0 | 0 | No fault was found: ",
                "without | 6 | kubelet gives the pod no token for the API server: ",
                "-n shop app-0 | 5 | There is no pod shop/app-0: "
            })
    void theOutputStartsWithTheCauseAndTheExitCodeMatches(String arguments, int exitCode, String sentence)
            throws Exception {
        Program.Ended ended = run(arguments.split(" "));

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(exitCode);
        assertThat(ended.out()).startsWith(sentence);
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void anUnknownCauseExitsWith9() throws Exception {
        server.authorization((user, request) -> request.resource().equals("pods"));

        Program.Ended ended = run("app-0");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(9);
        assertThat(ended.out()).startsWith("The cause is not known: ").contains("Not seen    the service account: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "App-0 | 2 | POD App-0 is not valid; allowed is lower-case ",
                "app-0 -n UPPER | 2 | --namespace UPPER is not valid; allowed is ",
                "app-0 --connections 0 | 2 | --connections 0 is not valid; allowed is 1 to 64",
                "app-0 --context other | 6 | no context \"other\"; allowed is one of [here]"
            })
    void anErrorIsReportedInASingleLine(String arguments, int exitCode, String message) throws Exception {
        Program.Ended ended = explain(arguments.split(" "));

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(exitCode);
        assertThat(ended.err()).startsWith("token-guardian: ").contains(message).hasLineCount(1);
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void theJsonIsTheContractsDocument() throws Exception {
        Program.Ended ended = explain("app-0", "-o", "json");

        JsonObject report = new JsonObject(ended.out());
        assertThat(report.fieldNames())
                .containsExactly("cause", "explanation", "advice", "pod", "findings", "notSeen", "acceptance");
        assertThat(report.getString("cause")).isEqualTo("nothing");
        assertThat(report.getJsonArray("notSeen"))
                .singleElement()
                .asString()
                .startsWith("the pod's own token, which explain does not read: ");
        assertThat(report.getJsonObject("acceptance").getString("verdict")).isEqualTo("accepted");
    }
}
