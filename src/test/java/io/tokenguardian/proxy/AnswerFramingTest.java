package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The caller reads correct HTTP/1.1, whatever the API server has sent. */
class AnswerFramingTest {

    /**
     * Makes a server that responds with {@code answer} to the first request of its first connection, and correctly to
     * all others.
     */
    private static ScriptedServer sending(String answer) throws IOException {
        return new ScriptedServer(connection -> {
            connection.readHead();
            if (connection.number() == 0) {
                connection.write(answer);
                connection.readHead();
            }
            connection.answer("200 OK", "good");
        });
    }

    private static RunningProxy proxy(ScriptedServer server) throws IOException {
        return RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
    }

    @Test
    void anHttp10ResponseWithoutALengthGetsOurVersionAndChunks() throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.0 200 OK\r\n\r\nold");
                    connection.close();
                });
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            caller.get("/", "");
            assertThat(caller.readTo("0\r\n\r\n"))
                    .isEqualTo("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nold\r\n0\r\n\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"100, 200", "101, 502"})
    void moreThan100InterimResponsesAreABadGateway(int interim, int status) throws IOException {
        String continues = "HTTP/1.1 100 Continue\r\n\r\n".repeat(interim);
        try (ScriptedServer server = sending(continues + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            caller.get("/", "");

            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @Test
    void eachRequestOfAConnectionMayGet100InterimResponses() throws IOException {
        String interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(100);
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.write(interim);
                        connection.answer("200 OK", "good");
                    }
                });
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            caller.get("/", "").readAnswer();

            assertThat(caller.get("/", "").readAnswer()).endsWith("good");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void anHttp10ResponseWithALengthGetsOurVersion() throws IOException {
        try (ScriptedServer server = sending("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold");
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            caller.get("/", "");
            assertThat(caller.readAnswer()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/2.0 200 OK",
                "HTTP/1.2 200 OK",
                "HTTP/0.9 200 OK",
                "http/1.1 200 OK",
                "HTTP/1.1 0 None",
                "HTTP/1.1 000 None",
                "HTTP/1.1 099 None",
                "HTTP/1.1 20 OK",
                "HTTP/1.1 2000 OK",
                "HTTP/1.1 +20 OK",
                "HTTP/1.1 200 OK\r\nX: a\rb",
                "HTTP/1.1 200 OK\r\nX: a\0b",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
                "HTTP/1.1 200 OK\r\nContent-Length: 5",
            })
    void aMalformedResponseIsABadGateway(String head) throws IOException {
        try (ScriptedServer server = sending(head + "\r\nContent-Length: 3\r\n\r\nbad");
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            caller.get("/", "");
            assertThat(caller.readAnswer()).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
        }
    }

    @Test
    void a204HasNoLength() throws IOException {
        try (ScriptedServer server = sending("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            caller.get("/", "");
            assertThat(caller.readHead()).isEqualTo("HTTP/1.1 204 No Content\r\n\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\r\n", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"})
    void aConnectionWithBytesAfterItsResponseIsNotUsedAgain(String surplus) throws IOException {
        try (ScriptedServer server = sending("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst" + surplus);
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            // Given
            caller.get("/", "");
            assertThat(caller.readAnswer()).endsWith("first");

            // When
            caller.get("/", "");

            // Then
            assertThat(caller.readAnswer()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void theLengthInAResponseToHeadIsNotABody() throws IOException {
        try (ScriptedServer server = sending("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            caller.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(caller.readHead()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
            caller.get("/", "");
            assertThat(caller.readAnswer()).endsWith("good");
            assertThat(server.connections()).isEqualTo(1);
        }
    }
}
