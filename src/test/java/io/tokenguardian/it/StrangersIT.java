package io.tokenguardian.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program among connections that mean harm. */
class StrangersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String METRICS = "GET /q/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /** More than the program needs for itself, on a JVM too. */
    private static final int FILES = 400;

    private World world;
    private final List<Socket> strangers = new ArrayList<>();

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(1, directory);
    }

    @AfterEach
    void stop() throws IOException {
        leave();
        world.close();
    }

    @Test
    void requestsInARowAreNoBurden() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            for (int i = 0; i < 200; i++) {
                tell(come(world.managementPort), METRICS.repeat(2_000));
                tell(come(world.localPort), "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2_000));
                if (i % 50 == 0) {
                    assertThat(world.health("live")).isEqualTo(200);
                }
            }
            leave();

            assertThat(world.health("live")).isEqualTo(200);
            assertThat(world.metrics()).contains("token_guardian_");
            serving.terminate();
            Program.Ended ended = serving.ended();
            assertThat(ended.exitCode()).isEqualTo(0);
            assertThat(ended.err()).isEmpty();
            assertThat(ended.out().lines()).hasSize(1);
        }
    }

    @Test
    void silentConnectionsKeepNoProbeOut() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            for (int i = 0; i < 300; i++) {
                tell(come(world.managementPort), "GET /q/hea");
            }

            assertThat(world.health("live")).isEqualTo(200);
            assertThat(world.health("ready")).isEqualTo(200);
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void aBodyIsRefusedAtTheManagementListener() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            Socket stranger = come(world.managementPort);

            tell(stranger, "POST /q/health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n");

            assertThat(statusOf(stranger)).isEqualTo("413");
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void pagesThatNobodyReadsAreNoBurden() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            for (int i = 0; i < 100; i++) {
                tell(come(world.localPort), "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }

            assertThat(world.local("GET", "/status").statusCode()).isEqualTo(200);
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void withFewFilesToOpenCallersAndHealthChecksAreAnsweredWhileStrangersHaveAllPlaces() throws Exception {
        try (Program serving = Program.startWithFiles(FILES, world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            for (int i = 0; i < FILES + 100; i++) {
                tell(come(world.proxyPort), "GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }

            assertThat(world.health("live")).isEqualTo(200);
            assertThat(world.health("ready")).isEqualTo(200);
            assertThat(world.proxied("/api").statusCode()).isEqualTo(200);

            for (Socket stranger : strangers) {
                if (stranger.getInputStream().available() > 0) {
                    assertThat(statusOf(stranger)).isIn("200", "502", "503");
                }
            }
            leave();
            String said = serving.out();
            assertThat(said).doesNotContain("\tat ").doesNotContain("Exception");
            assertThat(Pattern.compile("have to wait").matcher(said).results().count())
                    .isLessThan(PATIENCE.toSeconds());
            serving.terminate();
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    private Socket come(int port) throws IOException {
        Socket stranger = new Socket(InetAddress.getLoopbackAddress(), port);
        stranger.setSoTimeout((int) PATIENCE.toMillis());
        strangers.add(stranger);
        return stranger;
    }

    /** The other end may close meanwhile, and has a right to. */
    private static void tell(Socket stranger, String text) throws IOException {
        try {
            stranger.getOutputStream().write(text.getBytes(ISO_8859_1));
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
        }
    }

    private static String statusOf(Socket stranger) throws IOException {
        return new String(stranger.getInputStream().readNBytes("HTTP/1.1 200".length()), ISO_8859_1)
                .substring("HTTP/1.1 ".length());
    }

    private void leave() throws IOException {
        for (Socket stranger : strangers) {
            stranger.close();
        }
        strangers.clear();
    }
}
