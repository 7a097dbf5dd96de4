package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each fault, as seen on the wire. */
class FaultTest {

    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

    private final AtomicReference<Instant> time = new AtomicReference<>(START);

    @AutoClose
    private StandInApiServer server;

    private Replica replica;
    private String token;

    @BeforeEach
    void start() throws Exception {
        server = StandInApiServer.builder().clock(time::get).start();
        replica = server.replica(0);
        token = server.issue();
    }

    private SSLSocket connect() throws IOException {
        return new Caller(server).socket(server.port());
    }

    @ParameterizedTest
    @CsvSource({
        "ON_REQUEST_HEAD, 0",
        "BEFORE_EXECUTION, 0",
        "BEFORE_HEAD, 1",
        "IN_HEAD, 1",
        "AFTER_HEAD, 1",
        "IN_BODY, 1"
    })
    void resetsTheConnectionOnceExecutedOrNot(Fault.Moment moment, int executed) throws Exception {
        // Given
        replica.fault(Fault.reset(moment), 1);
        try (SSLSocket socket = connect()) {
            // When
            RawHttp.request(socket, "GET /api HTTP/1.1", token);
            // Then
            assertThatThrownBy(() -> RawHttp.readToEnd(socket))
                    .isInstanceOfAny(SocketException.class, SSLException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(server.executed()).hasSize(executed);
    }

    @ParameterizedTest
    @CsvSource({
        "BEFORE_HEAD, ''",
        "IN_HEAD, HTTP/1.1 200 OK",
        "AFTER_HEAD, HTTP/1.1 200 OK",
        "IN_BODY, HTTP/1.1 200 OK",
        "AFTER_ANSWER, HTTP/1.1 200 OK"
    })
    void closesInGoodOrderAt(Fault.Moment moment, String start) throws Exception {
        // Given
        String whole;
        try (SSLSocket socket = connect()) {
            RawHttp.request(socket, "GET /api HTTP/1.1", token);
            whole = RawHttp.answer(socket);
        }
        int head = whole.indexOf("\r\n\r\n") + 4;
        replica.fault(Fault.close(moment));
        try (SSLSocket socket = connect()) {
            // When
            RawHttp.request(socket, "GET /api HTTP/1.1", token);
            // Then
            String got = RawHttp.readToEnd(socket);
            assertThat(got).startsWith(start);
            switch (moment) {
                case IN_HEAD -> assertThat(got.length()).isLessThan(head).isPositive();
                case AFTER_HEAD -> assertThat(got).hasSize(head);
                case IN_BODY -> assertThat(got.length()).isBetween(head + 1, whole.length() - 1);
                case AFTER_ANSWER -> assertThat(got).hasSize(whole.length());
                default -> assertThat(got).isEmpty();
            }
        }
    }

    /** Uses TLS 1.2, because TLS 1.3 hides the types of its records: 21 is an alert, 23 is data. */
    @ParameterizedTest
    @CsvSource({"CLOSE, 21", "TRUNCATE, 23"})
    void endsTlsWithOrWithoutCloseNotify(Fault.Manner manner, int lastRecord) throws Exception {
        // Given
        replica.fault(new Fault.Cut(Fault.Moment.IN_BODY, manner));
        try (TlsRecords records = new TlsRecords(server.port());
                SSLSocket socket = (SSLSocket) Certificates.trusting(server.caPem())
                        .getSocketFactory()
                        .createSocket(records, "127.0.0.1", server.port(), true)) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            // When
            RawHttp.request(socket, "GET /api HTTP/1.1", token);
            RawHttp.readToEnd(socket);
            // Then
            assertThat(records.lastType()).isEqualTo(lastRecord);
        }
    }

    @Test
    void datesAnAnswerThatIsHeldBeforeThat() throws Exception {
        // Given
        CompletableFuture<Void> release = new CompletableFuture<>();
        replica.fault(new Fault.HeldAnswer(release), 1);
        CompletableFuture<HttpResponse<String>> answer = sendAsync();
        await().until(() -> server.executed().size() == 1);
        server.waitForEventLoops();
        // When
        time.set(START.plusSeconds(5));
        release.complete(null);
        // Then
        assertThat(answer.get().headers().firstValue("Date")).hasValue("Tue, 24 Nov 2026 12:00:00 GMT");
    }

    private CompletableFuture<HttpResponse<String>> sendAsync() {
        return new Caller(server)
                .client()
                .sendAsync(Caller.request(server.url(), "/api", token).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void noOtherProgramGetsThePortOfAClosedServiceAddress() throws Exception {
        server.stopAccepting();

        try (ServerSocket other = new ServerSocket()) {
            other.setReuseAddress(false); // as if the system picked the port
            assertThatThrownBy(() -> other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port())))
                    .isInstanceOf(BindException.class);
        }
    }
}
