package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.TokenSpec;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With {@code GUARDIAN_DISABLED=true} an app behaves as it would without a guardian. */
class OffSwitchIT {
    private static final String PODS = "/api/v1/namespaces/default/pods";

    @AutoClose
    private World world;

    private Path vetted;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(1, directory).set("GUARDIAN_DISABLED", "true").set("GUARDIAN_QUIT_ENABLED", "true");
        vetted = directory.resolve("vetted");
    }

    @Test
    void execRunsTheCommandAtOnceAndLogsTheReason() throws Exception {
        world.apiServer.stopAccepting();

        Program.Ended ended = Program.run(world.environment(), "exec", "--", "sh", "-c", "echo x; exit 3");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(3);
        assertThat(ended.out()).isEqualTo("x\n");
        assertThat(ended.err().lines()).singleElement().asString().contains("WARN  The guardian is off");
    }

    /** linkerd-await once failed to stop the sidecar of a Job in this case. */
    @Test
    void execStillStopsTheSidecar() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            Program.Ended ended = Program.run(world.environment(), "exec", "--quit", "--", "true");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void serveIsReadyAtOnceAndPassesOnARefusedToken() throws Exception {
        world.breakReplica(0).set("GUARDIAN_VETTED_DIRECTORY", vetted.toString());
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            await().until(() -> world.health("started") == 200);
            await().until(() -> world.health("live") == 200); // a disabled guardian is ready before its threads run
            await().until(() -> verdict().equals("accepted"));
            assertThat(world.status().getString("explanation")).startsWith("The guardian is off (guardian.disabled)");
            assertThat(serving.out()).contains("WARN  The guardian is off (guardian.disabled)");
            assertThat(world.apiServer.requests()).isEmpty();
            assertThat(vetted.resolve("token")).hasSameTextualContentAs(world.volume.token());
            assertThat(world.proxied(PODS))
                    .returns(401, HttpResponse::statusCode)
                    .satisfies(refusal -> assertThat(refusal.headers().map()).doesNotContainKey("token-guardian"));

            String rotated = world.apiServer.issue();
            world.offset(0, Duration.ZERO);
            world.mount(rotated);

            await().until(() -> Files.readString(vetted.resolve("token")).equals(rotated));
            await().until(() -> world.proxied(PODS).statusCode() == 200);
        }
    }

    private String verdict() throws Exception {
        return world.status().getString("verdict");
    }

    @Test
    void checkStillChecks() throws Exception {
        world.mount(world.apiServer.issue(TokenSpec.unextended().audience("vault")));

        Program.Ended ended = Program.command(world.environment(), "check");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(5);
        assertThat(ended.out()).contains("Verdict     refused");
    }
}
