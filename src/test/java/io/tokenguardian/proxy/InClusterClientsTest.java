package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other TLS implementations that trust the in-cluster listener's CA. {@code InClusterIT} has Go, Node and Java. */
@Tag("clients")
class InClusterClientsTest {

    @TempDir
    Path directory;

    @FunctionalInterface
    private interface Client {
        String run(String port, String ca) throws Exception;
    }

    /** Runs a client of a proxy whose API server responds with {@code {"kind":"good"}} to all requests. */
    private String outputOf(Client client) throws Exception {
        try (ScriptedServer server =
                        ScriptedServer.answering("200 OK\r\nContent-Type: application/json", "{\"kind\":\"good\"}");
                RunningProxy proxy = RunningProxy.before(server, draft -> draft.inCluster(directory))
                        .using(Tokens.issuedAt(Instant.now()))) {
            Path ca =
                    Files.writeString(directory.resolve("ca.crt"), proxy.proxy().inClusterCa());
            return client.run(Integer.toString(proxy.inClusterPort()), ca.toString());
        }
    }

    private String run(String... command) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile());
        int exitCode = builder.start().waitFor();
        return Files.readString(output) + "exit " + exitCode;
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void opensslFindsNoViolationOfRfc5280(String version) throws Exception {
        String openssl = Needed.onPath("openssl", "openssl");

        String output = outputOf((port, ca) -> run(
                openssl,
                "s_client",
                "-connect",
                "127.0.0.1:" + port,
                "-CAfile",
                ca,
                version,
                "-x509_strict",
                "-verify_return_error",
                "-verify_hostname",
                "kubernetes.default.svc"));

        assertThat(output).contains("Verify return code: 0 (ok)").endsWith("exit 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1_2", "TLSv1_3"})
    void pythonFindsNoFaultInTheStrictModeThatIsDefaultSince313(String version) throws Exception {
        String python = Needed.onPath("python3", "python3");
        String script = """
                import http.client, ssl, sys
                context = ssl.create_default_context(cafile=sys.argv[2])
                context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
                context.minimum_version = context.maximum_version = ssl.TLSVersion.%s
                for host in ("127.0.0.1", "localhost"):
                    connection = http.client.HTTPSConnection(host, int(sys.argv[1]), context=context)
                    connection.request("GET", "/api")
                    print(connection.getresponse().read().decode())
                """.formatted(version);

        String output = outputOf((port, ca) -> run(python, "-c", script, port, ca));

        assertThat(output).isEqualTo("{\"kind\":\"good\"}\n{\"kind\":\"good\"}\nexit 0");
    }
}
