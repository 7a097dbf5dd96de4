package io.tokenguardian.listener;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SingleRequestHandlerTest {
    private static final String GET = "GET /q/health/live HTTP/1.1\r\nHost: localhost\r\n";

    private final AtomicInteger heads = new AtomicInteger();
    private final EmbeddedChannel connection = new EmbeddedChannel(
            DefaultChannelId.newInstance(), false, false, new SingleRequestHandler(heads::incrementAndGet));

    @BeforeEach
    void connect() throws Exception {
        connection.freezeTime();
        connection.register();
    }

    @AfterEach
    void end() {
        connection.finishAndReleaseAll();
    }

    @Test
    void aRequestPassesAsTheLastOfItsConnection() {
        send(GET + "\r\n");

        assertThat(passed()).isEqualTo(GET + "Connection: close\r\n\r\n");
        assertThat(heads).hasValue(1);
        assertThat(connection.config().isAutoRead()).isTrue();
    }

    @Test
    void headersInPiecesPassWhenTheyAreComplete() {
        for (char each : (GET + "\r").toCharArray()) {
            send(String.valueOf(each));
            assertThat(passed()).isEmpty();
        }
        assertThat(heads).hasValue(0);

        send("\n");

        assertThat(passed()).isEqualTo(GET + "Connection: close\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "\n", "\r\n\r\n"})
    void emptyLinesBeforeTheRequestAreIgnored(String lines) {
        send(lines + GET + "\r\n");

        assertThat(passed()).isEqualTo(lines + GET + "Connection: close\r\n\r\n");
    }

    @Test
    void linesMayEndWithoutACarriageReturn() {
        send("GET / HTTP/1.1\nHost: localhost\n\n");

        assertThat(passed()).isEqualTo("GET / HTTP/1.1\nHost: localhost\r\nConnection: close\r\n\r\n");
    }

    @Test
    void noByteAfterTheHeadersPassesOrIsRead() {
        send((GET + "\r\n").repeat(100));
        send((GET + "\r\n").repeat(100));

        assertThat(passed()).isEqualTo(GET + "Connection: close\r\n\r\n");
        assertThat(heads).hasValue(1);
        assertThat(connection.config().isAutoRead()).isFalse();
        assertThat(connection.isOpen()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection: keep-alive",
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
                "Keep-Alive: timeout=5",
                "connection : keep-alive",
                "Expect: 100-continue"
            })
    void headersThatWouldKeepTheConnectionOpenDoNotPass(String lines) {
        send(GET + lines + "\r\nAccept: */*\r\n\r\n");

        assertThat(passed()).isEqualTo(GET + "Accept: */*\r\nConnection: close\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 8000000",
                "Content-Length: 1",
                "content-length:10",
                "Content-Length: 00\r\nContent-Length: 4",
                "Content-Length: 0, 4",
                "Content-Length: 0x4",
                "Content-Length:",
                "Content-Length : 4",
                "Transfer-Encoding: chunked",
                "transfer-encoding: identity"
            })
    void aBodyIsRefusedBeforeItIsRead(String line) {
        send("POST /q/health HTTP/1.1\r\nHost: localhost\r\n" + line + "\r\n\r\nbody");

        assertThat(passed()).isEmpty();
        assertThat(answer()).startsWith("HTTP/1.1 413 ").contains("\r\nConnection: close\r\n");
        assertThat(connection.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Content-Length: 0", "Content-Length: 000 ", "X-Content-Length: 4", "Accept: content-length: 4"})
    void aPostWithoutABodyPasses(String line) {
        send("POST /quit HTTP/1.1\r\nHost: localhost\r\n" + line + "\r\n\r\n");

        assertThat(passed()).startsWith("POST /quit HTTP/1.1\r\n").contains(line.stripTrailing());
    }

    @Test
    void headersOf8KibPass() {
        send(headOf(SingleRequestHandler.LONGEST_HEAD));

        assertThat(passed()).startsWith("GET / HTTP/1.1\r\n");
    }

    @Test
    void headersOfMoreThan8KibAreRefused() {
        send(headOf(SingleRequestHandler.LONGEST_HEAD + 1));

        assertThat(passed()).isEmpty();
        assertThat(answer()).startsWith("HTTP/1.1 431 ");
        assertThat(connection.isOpen()).isFalse();
    }

    private static String headOf(int length) {
        String start = "GET / HTTP/1.1\r\nX: ";
        return start + "a".repeat(length - start.length() - 4) + "\r\n\r\n";
    }

    @Test
    void http2IsNotSpoken() {
        send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

        assertThat(passed()).isEmpty();
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void headersThatAreIncompleteAtTheTimeoutEndTheConnection() {
        after(SingleRequestHandler.HEAD_WITHIN.toMillis() - 1);
        send(GET);

        after(1);

        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aResponseMayTakeLongerThanTheTimeout() {
        send(GET + "\r\n");

        after(SingleRequestHandler.HEAD_WITHIN.toMillis());

        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void aClosedConnectionIsNotKeptByItsDeadline() {
        assertThat(connection.close().isSuccess()).isTrue();

        assertThat(connection.runScheduledPendingTasks()).isEqualTo(-1);
    }

    private void send(String text) {
        connection.writeInbound(Unpooled.copiedBuffer(text, ISO_8859_1));
    }

    private void after(long millis) {
        connection.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        connection.runScheduledPendingTasks();
    }

    private String passed() {
        return text(connection.readInbound());
    }

    private String answer() {
        return text(connection.readOutbound());
    }

    private static String text(ByteBuf bytes) {
        if (bytes == null) {
            return "";
        }
        try {
            return bytes.toString(ISO_8859_1);
        } finally {
            bytes.release();
        }
    }
}
