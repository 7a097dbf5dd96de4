package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.Readme;
import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.testing.GrantedRoles;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** For each problem in {@code docs/troubleshooting.md}, the program prints the sentence that the page quotes. */
class TroubleshootingIT {
    private static final Path PAGE = Path.of("docs/troubleshooting.md");
    private static final String MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

    @TempDir
    Path directory = Path.of("");

    @AutoClose
    private World world;

    @BeforeEach
    void start() throws IOException {
        world = World.of(1, directory);
    }

    /**
     * Replaces paths, ports and addresses with the usual values in a pod, as on the page, and each line break with a
     * space.
     */
    private String asOnThePage(String said) {
        return said.replace(String.valueOf(world.volume.token().getParent()), MOUNT)
                .replace("127.0.0.1:" + world.apiServer.port(), "10.96.0.1:443")
                .replace(":" + world.proxyPort, ":8001")
                .replace("127.0.0.1:" + world.managementPort, "0.0.0.0:9000")
                .replaceAll("\\s+", " ");
    }

    private void isOnThePage(String heading, String said) {
        List<String> sentences = Readme.blocks(PAGE, "text").stream()
                .filter(block -> block.heading().equals(heading))
                .map(block -> block.text().strip())
                .toList();
        assertThat(sentences)
                .isNotEmpty()
                .anySatisfy(sentence -> assertThat(asOnThePage(said)).contains(sentence));
    }

    /** Returns the explanation and the advice from {@code check}, which must exit with {@code exitCode}. */
    private String check(int exitCode) throws Exception {
        Program.Ended ended = Program.command(world.environment(), "check", "-o", "json");
        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(exitCode);
        JsonObject status = new JsonObject(ended.out());
        return status.getString("explanation") + " " + status.getString("advice");
    }

    @Test
    void aMissingMountIsReportedAsAMissingToken() throws Exception {
        Path token = world.volume.token();
        world.set("GUARDIAN_TOKEN_PATH", directory.resolve("elsewhere/token").toString());

        String said = check(6);

        isOnThePage("For a token", said.replace(directory.resolve("elsewhere").toString(), MOUNT));
        assertThat(token).exists();
    }

    @Test
    void aMissingNetworkIsReportedAsARefusedConnection() throws Exception {
        world.apiServer.stopAccepting();

        isOnThePage("For the network", check(7));
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
        world.apiServer.fault(Fault.otherAuthority());

        isOnThePage("For a certificate", check(7));
    }

    @Test
    void aTokenForAnotherAudienceIsRefusedPermanently() throws Exception {
        world.mount(world.apiServer.issue(TokenSpec.unextended().audience("vault")));

        isOnThePage("A refusal that waiting does not fix", check(5));
    }

    @Test
    void aSlowReplicaIsNamedWithTheAdviceToSetItsClock() throws Exception {
        world.close();
        world = World.of(2, directory.resolve("two")).breakReplica(1);

        isOnThePage("For a clock", check(3));
    }

    @Test
    void anExpiredTokenIsBlamedOnKubelet() throws Exception {
        world.mount(world.apiServer.issue(
                TokenSpec.unextended().issuedAt(Instant.now().minusSeconds(7200))));

        isOnThePage(
                "kubelet does not replace the token",
                check(4).replaceFirst("past \\S+,", "past 2026-03-01T14:06:00Z,"));
    }

    @Test
    void aPortInUseIsNamedWithItsSetting() throws Exception {
        for (int port : List.of(world.proxyPort, world.managementPort)) {
            try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                Program.Ended ended = Program.run(world.environment(), "serve");

                assertThat(ended.exitCode()).isEqualTo(1);
                assertThat(ended.err()).hasLineCount(1);
                // The JVM and glibc use the first text; musl, in the static executable, uses the second.
                isOnThePage("A port is in use", ended.err().replace("Address already in use", "Address in use"));
                assertThat(taken.isBound()).isTrue();
            }
        }
    }

    @Test
    void outsideAPodTheApiServerIsUnknown() throws Exception {
        Program.Ended ended =
                Program.run(Map.of("GUARDIAN_TOKEN_PATH", world.volume.token().toString()), "serve");

        assertThat(ended.exitCode()).isEqualTo(2);
        isOnThePage("The guardian does not know where the API server is", ended.err());
    }

    @Test
    void aWrongSettingIsReportedWithTheAllowedValues() throws Exception {
        Program.Ended ended = Program.run(
                world.set("GUARDIAN_PROXY_HOLD_TIMEOUT", "3 minutes").environment(), "serve");

        assertThat(ended.exitCode()).isEqualTo(2);
        isOnThePage("A setting is invalid", ended.err());
    }

    @Test
    void aRequestThatWasHeldTooLongGetsAnExplanation() throws Exception {
        world.set("GUARDIAN_PROXY_HOLD_TIMEOUT", "100ms");
        Files.delete(world.volume.token());
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitAnswer(world);

            isOnThePage("502, 503, 504", world.proxied("/api/v1/pods").body());
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void anUnknownHostNameAndAMissingRoleAreNamed() throws Exception {
        world.set("GUARDIAN_PROXY_ACCEPT_HOSTS", "guardian").set("GUARDIAN_KUBERNETES_POD_CONDITION", "true");
        world.apiServer.authorization(GrantedRoles.of());
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitAnswer(world);

            isOnThePage("403", world.proxied("/api/v1/pods").body());
            await().until(() -> serving.out().contains("pod-condition=forbidden"));
            isOnThePage("Roles", serving.out());
        }
    }
}
