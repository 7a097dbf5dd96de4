package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.Needed;
import io.tokenguardian.proxy.RuleCase.Outcome;
import io.tokenguardian.proxy.RuleCase.Rules;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the cases of {@link RuleCase} with the same rules in this machine's {@code kubectl proxy} and in the proxy. */
class KubectlProxyTest {

    @TempDir
    static Path directory;

    private static String kubectl = "";

    @BeforeAll
    static void find() {
        kubectl = Needed.onPath("kubectl", "kubectl");
    }

    @Test
    void everyCaseHasItsExpectedOutcomeInBothProxies() throws Exception {
        Map<Rules, List<RuleCase>> byRules = RuleCase.all().stream()
                .collect(Collectors.groupingBy(RuleCase::rules, LinkedHashMap::new, Collectors.toList()));
        List<String> different = new ArrayList<>();

        for (Map.Entry<Rules, List<RuleCase>> each : byRules.entrySet()) {
            different.addAll(differences(each.getKey(), each.getValue()));
        }

        assertThat(different).isEmpty();
    }

    private static List<String> differences(Rules rules, List<RuleCase> cases) throws IOException {
        List<String> different = new ArrayList<>();
        try (ScriptedServer server = apiServer();
                RunningProxy here =
                        RunningProxy.before(server, draft -> draft.rules(rules)).using(Tokens.issuedAt(Instant.now()));
                KubectlProxy there = KubectlProxy.start(server, rules)) {
            for (RuleCase each : cases) {
                boolean passesHere = passes(here.addresses().get(0), each);
                boolean passesThere = passes(there.address, each);
                if (passesHere != (each.outcome() == Outcome.PASSES)
                        || passesThere != (each.outcome() != Outcome.REFUSED)) {
                    different.add(each + ", but passes here: " + passesHere + ", there: " + passesThere);
                }
            }
        }
        return different;
    }

    private static ScriptedServer apiServer() throws IOException {
        return new ScriptedServer(connection -> {
            while (!connection.readHead().isEmpty()) {
                connection.answer("200 OK", "");
            }
        });
    }

    private static boolean passes(SocketAddress proxy, RuleCase asked) throws IOException {
        try (RawCaller caller = new RawCaller(proxy)) {
            caller.send(asked.method() + " " + asked.path() + " HTTP/1.1\r\nHost: " + asked.host()
                    + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            String status = caller.readTo("\r\n");
            assertThat(status).as("%s", asked).matches("HTTP/1.1 (200|301|400|403) .*\r\n");
            return status.startsWith("HTTP/1.1 200 ");
        }
    }

    /** A {@code kubectl proxy} process, which first prints its address. */
    private record KubectlProxy(Process process, SocketAddress address) implements AutoCloseable {

        static KubectlProxy start(ScriptedServer server, Rules rules) throws IOException {
            Path config = Files.writeString(directory.resolve("kubeconfig"), """
                    apiVersion: v1
                    kind: Config
                    clusters: [{name: c, cluster: {server: "https://%s", insecure-skip-tls-verify: true}}]
                    users: [{name: u, user: {username: u, password: p}}] # else it asks for them
                    contexts: [{name: c, context: {cluster: c, user: u}}]
                    current-context: c
                    """.formatted(
                            server.address().hostAndPort()));
            Process process = new ProcessBuilder(
                            kubectl,
                            "proxy",
                            "--kubeconfig=" + config,
                            "--port=0",
                            "--accept-hosts=" + rules.acceptHosts(),
                            "--accept-paths=" + rules.acceptPaths(),
                            "--reject-paths=" + rules.rejectPaths(),
                            "--reject-methods=" + rules.rejectMethods())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .start();
            BufferedReader said = process.inputReader();
            String first = String.valueOf(said.readLine());
            if (!first.startsWith("Starting to serve on ")) {
                process.destroyForcibly();
                throw new AssertionError("kubectl proxy says " + first);
            }
            int port = Integer.parseInt(first.substring(first.lastIndexOf(':') + 1));
            return new KubectlProxy(process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
