package io.tokenguardian.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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

/** The packaged program while clients try to exhaust its resources. */
class HostileClientsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** More file descriptors than the program itself needs, even on a JVM. */
    private static final int FILES = 400;

    private World world;
    private final List<Socket> clients = new ArrayList<>();

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(1, directory);
    }

    @AfterEach
    void stop() throws IOException {
        closeAll();
        world.close();
    }

    @Test
    void silentAndUnreadConnectionsDoNotBlockResponses() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            for (int i = 0; i < 300; i++) {
                send(connect(world.managementPort), "GET /q/hea");
            }
            for (int i = 0; i < 100; i++) {
                send(connect(world.localPort), "GET /status.svg HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
            Socket sender = connect(world.managementPort);
            send(sender, "POST /q/health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n");

            assertThat(statusOf(sender)).isEqualTo("413");
            assertThat(world.health("live")).isEqualTo(200);
            assertThat(world.health("ready")).isEqualTo(200);
            assertThat(world.local("GET", "/status").statusCode()).isEqualTo(200);
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void callersAndHealthChecksGetResponsesAtTheFileDescriptorLimit() throws Exception {
        try (Program serving = Program.startWithFiles(FILES, world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            for (int i = 0; i < FILES + 100; i++) {
                send(connect(world.proxyPort), "GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }

            assertThat(world.health("live")).isEqualTo(200);
            assertThat(world.health("ready")).isEqualTo(200);
            // A request gets 503 while the clients' requests use all connections to the API server.
            await().until(() -> {
                int status = world.proxied("/api").statusCode();
                assertThat(status).isIn(200, 502, 503);
                return status == 200;
            });

            for (Socket client : clients) {
                if (client.getInputStream().available() > 0) {
                    assertThat(statusOf(client)).isIn("200", "502", "503");
                }
            }
            closeAll();
            String said = serving.out();
            assertThat(said).doesNotContain("\tat ").doesNotContain("Exception");
            assertThat(Pattern.compile("have to wait").matcher(said).results().count())
                    .isLessThan(TIMEOUT.toSeconds());
            serving.terminate();
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    private Socket connect(int port) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
        client.setSoTimeout((int) TIMEOUT.toMillis());
        clients.add(client);
        return client;
    }

    /** Sends the text, unless the program has closed the connection. */
    private static void send(Socket client, String text) throws IOException {
        try {
            client.getOutputStream().write(text.getBytes(ISO_8859_1));
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
        }
    }

    private static String statusOf(Socket client) throws IOException {
        return new String(client.getInputStream().readNBytes("HTTP/1.1 200".length()), ISO_8859_1)
                .substring("HTTP/1.1 ".length());
    }

    private void closeAll() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        clients.clear();
    }
}
