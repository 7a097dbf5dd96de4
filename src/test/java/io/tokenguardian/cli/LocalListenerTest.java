package io.tokenguardian.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.tokenguardian.config.SettingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalListenerTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nquitting\n";

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1", "localhost, 127.0.0.1", "0.0.0.0, 127.0.0.1"})
    void postsQuitToTheListenerByALoopbackName(String setting, String listens) throws Exception {
        try (ServerSocket server = listen(listens, 0)) {
            CompletableFuture<String> request = answer(server, OK);

            listener(setting, server.getLocalPort()).quit(Duration.ZERO, () -> true);

            assertThat(request.get()).startsWith("POST /quit HTTP/1.1\r\nHost: localhost\r\n");
        }
    }

    @Test
    void nobodyThereIsOneLineWithTheAddress() throws Exception {
        int port = freePort();

        assertThatThrownBy(() -> listener("127.0.0.1", port).quit(Duration.ZERO, () -> true))
                .isInstanceOf(IOException.class)
                .hasMessage("no program listens at 127.0.0.1:" + port + " (quarkus.http.host, quarkus.http.port):"
                        + " start serve, or set these to the guardian's address");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 404 Not Found\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n", ""})
    void anyOtherAnswerIsNoGuardians(String answer) throws Exception {
        try (ServerSocket server = listen("127.0.0.1", 0)) {
            CompletableFuture<String> request = answer(server, answer);

            assertThatThrownBy(
                            () -> listener("127.0.0.1", server.getLocalPort()).quit(Duration.ZERO, () -> true))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("the program at 127.0.0.1:" + server.getLocalPort() + " is not a guardian");
            assertThat(request.get()).startsWith("POST /quit ");
        }
    }

    /** Each reading of the clock is two seconds after the previous reading. The fourth is past the time limit. */
    @Test
    void anAnswerThatComesInPartsHasNoMoreTimeThanAnother() throws Exception {
        AtomicLong seconds = new AtomicLong();
        try (ServerSocket server = listen("127.0.0.1", 0)) {
            CompletableFuture<String> request = answer(server, "HTTP/1.1", true);

            assertThatThrownBy(() -> new LocalListener(
                                    config("127.0.0.1", server.getLocalPort()),
                                    () -> TimeUnit.SECONDS.toNanos(seconds.getAndAdd(2)))
                            .quit(Duration.ZERO, () -> true))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the program at 127.0.0.1:" + server.getLocalPort() + " did not answer within 5 s");
            assertThat(request.get()).startsWith("POST /quit ");
        }
    }

    @Test
    void aConnectionThatIsResetIsOneLineWithTheAddress() throws Exception {
        try (ServerSocket server = listen("127.0.0.1", 0)) {
            CompletableFuture<Void> reset = CompletableFuture.runAsync(() -> reset(server));

            assertThatThrownBy(
                            () -> listener("127.0.0.1", server.getLocalPort()).quit(Duration.ZERO, () -> true))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(
                            "the program at 127.0.0.1:" + server.getLocalPort() + " broke the connection: ");
            reset.get();
        }
    }

    @Test
    void aGuardianThatIsStartingIsAskedOnceItListens() throws Exception {
        int port = freePort();
        AtomicReference<ServerSocket> server = new AtomicReference<>();
        AtomicReference<CompletableFuture<String>> request = new AtomicReference<>();

        listener("127.0.0.1", port).quit(Duration.ofMinutes(5), () -> {
            if (server.get() == null) {
                server.set(listen("127.0.0.1", port));
                request.set(answer(server.get(), OK));
            }
            return false;
        });

        assertThat(request.get().get()).startsWith("POST /quit ");
        server.get().close();
    }

    @Test
    void inAHurryNobodyIsWaitedFor() throws Exception {
        AtomicInteger asked = new AtomicInteger();

        assertThatThrownBy(() -> listener("127.0.0.1", freePort()).quit(Duration.ofMinutes(5), () -> {
                    asked.incrementAndGet();
                    return true;
                }))
                .hasMessageStartingWith("no program listens at ");

        assertThat(asked).hasValue(1);
    }

    @Test
    void withoutPatienceNobodyIsWaitedFor() {
        assertThatThrownBy(() -> listener("127.0.0.1", freePort()).quit(Duration.ZERO, () -> false))
                .hasMessageStartingWith("no program listens at ");
    }

    @Test
    void aPortThatTheSystemChoosesIsNotKnown() {
        assertThatThrownBy(() -> listener("127.0.0.1", 0).quit(Duration.ZERO, () -> true))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith("quarkus.http.port: \"0\" is wrong here");
    }

    @Test
    void aHostThatNobodyKnowsIsAWrongSetting() {
        assertThatThrownBy(() -> listener("no such host", 8002).quit(Duration.ZERO, () -> true))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith("quarkus.http.host: \"no such host\" is wrong");
    }

    private static LocalListener listener(String host, int port) {
        return new LocalListener(config(host, port));
    }

    private static Config config(String host, int port) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(
                        Map.of("quarkus.http.host", host, "quarkus.http.port", Integer.toString(port)), "test", 100))
                .build();
    }

    private static ServerSocket listen(String host, int port) {
        try {
            return new ServerSocket(port, 1, InetAddress.getByName(host));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket server = listen("127.0.0.1", 0)) {
            return server.getLocalPort();
        }
    }

    private static CompletableFuture<String> answer(ServerSocket server, String text) {
        return answer(server, text, false);
    }

    /**
     * Responds on the first connection, and returns what the client has sent, in one read.
     *
     * @param stays whether the connection stays open until the client closes it
     */
    private static CompletableFuture<String> answer(ServerSocket server, String text, boolean stays) {
        return CompletableFuture.supplyAsync(() -> {
            try (Socket socket = server.accept()) {
                byte[] read = new byte[1024];
                int length = socket.getInputStream().read(read);
                socket.getOutputStream().write(text.getBytes(US_ASCII));
                if (stays) {
                    socket.getInputStream().read();
                }
                return new String(read, 0, length, US_ASCII);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Resets the first connection after the client has sent something. */
    private static void reset(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.setSoLinger(true, 0);
            assertThat(socket.getInputStream().read()).isEqualTo('P');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
