package io.tokenguardian.listener;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Vert.x server that is set up like Quarkus's server, with hostile connections. */
class BoundedTransportTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /** Detects a hang. */
    private static final int LONGEST_ANSWER_MILLIS = 60_000;

    private static final AtomicInteger REQUESTS = new AtomicInteger();
    private static final Vertx VERTX = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    private static int port;

    @BeforeAll
    static void listen() throws Exception {
        HttpServer server = VERTX.createHttpServer()
                .requestHandler(request -> {
                    REQUESTS.incrementAndGet();
                    request.response().end("answer\n");
                })
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        port = server.actualPort();
    }

    @AfterAll
    static void end() throws Exception {
        VERTX.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @BeforeEach
    void forget() {
        REQUESTS.set(0);
    }

    @Test
    void aRequestGetsAResponseAndItsConnectionIsClosed() throws Exception {
        try (Socket connection = connect()) {
            send(connection, GET);

            assertThat(readToEnd(connection))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("connection: close\r\n")
                    .endsWith("\r\n\r\nanswer\n");
        }
    }

    @Test
    void theShortestHttp10RequestGetsAResponse() throws Exception {
        try (Socket connection = connect()) {
            send(connection, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

            assertThat(readToEnd(connection)).endsWith("\r\n\r\nanswer\n");
        }
    }

    @Test
    void onlyTheFirstOfPipelinedRequestsGetsAResponse() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket connection = connect()) {
                sendWhatItTakes(connection, GET.repeat(2_000));

                readWhatComes(connection);
            }
        }

        assertThat(REQUESTS).hasValue(20);
    }

    @Test
    void aRequestGetsAResponseWhileAllOtherConnectionsAreSilent() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * FileLimit.MAX_SINGLE_REQUEST_CONNECTIONS; i++) {
                silent.add(connect());
            }
            try (Socket connection = connect()) {
                send(connection, GET);

                assertThat(readToEnd(connection)).endsWith("\r\n\r\nanswer\n");
            }
            assertThat(readToEnd(silent.get(0))).isEmpty();
        } finally {
            for (Socket connection : silent) {
                connection.close();
            }
        }
    }

    @Test
    void aBodyIsRefused() throws Exception {
        try (Socket connection = connect()) {
            send(connection, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n");

            assertThat(readToEnd(connection)).startsWith("HTTP/1.1 413 ");
        }
        assertThat(REQUESTS).hasValue(0);
    }

    @Test
    void http2IsNotSpokenAlthoughVertxSupportsIt() throws Exception {
        try (Socket connection = connect()) {
            send(connection, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");

            assertThat(readToEnd(connection)).isEmpty();
        }
    }

    @Test
    void aRequestThatIsNotHttpIsRefused() throws Exception {
        try (Socket connection = connect()) {
            send(connection, "hello\r\n\r\n");

            assertThat(readToEnd(connection)).contains(" 400 Bad Request\r\n");
        }
    }

    private static Socket connect() throws IOException {
        Socket connection = new Socket(InetAddress.getLoopbackAddress(), port);
        connection.setSoTimeout(LONGEST_ANSWER_MILLIS);
        return connection;
    }

    private static void send(Socket connection, String text) throws IOException {
        connection.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /** Sends the text, or as much as the server accepts before it closes the connection. */
    private static void sendWhatItTakes(Socket connection, String text) throws IOException {
        try {
            send(connection, text);
        } catch (SocketException e) {
            assertThat(connection.isConnected()).isTrue();
        }
    }

    private static String readToEnd(Socket connection) throws IOException {
        return new String(connection.getInputStream().readAllBytes(), ISO_8859_1);
    }

    /** Reads the response, if any. Closing a connection with unread bytes resets it, and the response may be lost. */
    private static void readWhatComes(Socket connection) throws IOException {
        try {
            readToEnd(connection);
        } catch (SocketException e) {
            assertThat(connection.isConnected()).isTrue();
        }
    }
}
