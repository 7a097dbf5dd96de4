package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.token.Token;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StreamTest extends ScriptedProxyTest {

    /** The size of the buffer from which a peer of the proxy sends. */
    private static final int PEER_BUFFER = 32 << 10;

    /** More bytes than the proxy, its sockets and its peers' sockets keep, with more than a few callers. */
    private static final long BUFFERED = 2 << 20;

    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    @Test
    void eachChunkIsPassedOnWithoutWaitingForTheNext() throws IOException {
        start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
                    connection.awaitRelease();
                    connection.write("6\r\nsecond\r\n0\r\n\r\n");
                })
                .using(TOKEN);
        caller.get("/watch", "");
        assertThat(caller.readHead()).isEqualTo("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertThat(caller.readTo("first\r\n")).isEqualTo("5\r\nfirst\r\n");
        server.release();
        assertThat(caller.readTo("0\r\n\r\n")).isEqualTo("6\r\nsecond\r\n0\r\n\r\n");
    }

    @Test
    void theEndOfTheCallerReachesTheServer() throws IOException {
        AtomicBoolean ended = new AtomicBoolean();
        start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
                    ended.set(connection.in().read() < 0);
                })
                .using(TOKEN);
        caller.get("/watch", "");
        caller.readTo("first\r\n");
        caller.close();
        await().untilTrue(ended);
    }

    @Test
    void theServerDecidesAboutContinue() throws IOException {
        start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 100 Continue\r\n\r\n");
                    connection.answer("200 OK", connection.read(4));
                })
                .using(TOKEN);
        caller.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        assertThat(caller.readHead()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        assertThat(caller.send("body").readAnswer()).endsWith("body");
        assertThat(server.requests())
                .singleElement()
                .satisfies(head -> assertThat(head).contains("Expect: 100-continue"));
    }

    @Test
    void aCallerThatDoesNotReadStopsTheServer() throws IOException {
        AtomicLong written = new AtomicLong();
        String block = "x".repeat(0x10000);
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    connection.limitSendBuffer(PEER_BUFFER);
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\nContent-Length: " + 1000L * 0x10000 + "\r\n\r\n");
                    for (int i = 0; i < 1000; i++) {
                        connection.write(block);
                        written.addAndGet(0x10000);
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(TOKEN);
                RawCaller caller = oneOfSeveral(proxy)) {
            caller.get("/", "");
            awaitStop(written);
            assertThat(written.get()).isBetween(1L, BUFFERED);
            caller.readHead();
            for (int i = 0; i < 200; i++) {
                assertThat(caller.read(0x10000).equals(block)).isTrue();
            }
        }
    }

    @Test
    void aServerThatDoesNotReadStopsTheCaller() throws IOException {
        AtomicLong written = new AtomicLong();
        byte[] block = new byte[0x10000];
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    connection.readHead();
                    connection.awaitRelease();
                });
                RunningProxy proxy = RunningProxy.before(server).using(TOKEN);
                Socket caller = new Socket()) {
            oneOfSeveral(proxy);
            caller.setSendBufferSize(PEER_BUFFER);
            caller.connect(proxy.addresses().get(0));
            caller.getOutputStream()
                    .write(("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + 1000L * 0x10000 + "\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; i < 1000; i++) {
                        caller.getOutputStream().write(block);
                        written.addAndGet(block.length);
                    }
                } catch (IOException e) {
                    // the test has ended
                }
            });
            writer.start();
            awaitStop(written);
            assertThat(written.get()).isBetween(1L, BUFFERED);
        }
    }

    /** Connects after so many idle callers that sockets are limited. */
    private static RawCaller oneOfSeveral(RunningProxy proxy) throws IOException {
        for (int i = 0; i < 4; i++) {
            proxy.call();
        }
        return proxy.call();
    }

    private static void awaitStop(AtomicLong written) {
        AtomicLong last = new AtomicLong();
        await().pollInterval(java.time.Duration.ofMillis(300)).until(() -> {
            long now = written.get();
            return last.getAndSet(now) == now && now > 0;
        });
    }
}
