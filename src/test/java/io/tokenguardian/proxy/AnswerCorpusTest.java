package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.Token;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Responses of an API server. The caller gets valid HTTP/1.1, and never a broken response that looks complete. No
 * response is treated as the response to another request.
 */
@Timeout(300)
@Tag("slow")
class AnswerCorpusTest {

    private static final String CASE = "/case";

    /**
     * A proxy in front of a server. The server responds to a request for {@link #CASE} with the case's bytes, and to
     * other requests with the request that it received.
     */
    private record World(Script script, RecordingUpstream upstream, RunningProxy proxy) {
        static World create() throws IOException {
            Script script = new Script();
            RecordingUpstream upstream = new RecordingUpstream(script);
            return new World(
                    script, upstream, RunningProxy.before(upstream.server()).using(Tokens.issuedAt(Instant.now())));
        }
    }

    private static final class Script implements RecordingUpstream.Answers {
        private volatile @Nullable AnswerCase current;
        private volatile Writing writing = Writing.AT_ONCE;
        private volatile int connection;

        @Override
        public boolean answer(StrictReader.Message request, ScriptedServer.Connection to) throws IOException {
            AnswerCase now = current;
            if (now == null || !request.target().equals(CASE)) {
                return RecordingUpstream.echo(request, to);
            }
            connection = to.number();
            writing.write(now.bytes, to.out()::write);
            if (now.then == AnswerCase.Then.BREAKS_OFF) {
                to.closeWithoutNotify();
            }
            return now.then == AnswerCase.Then.GOES_ON;
        }
    }

    /** Kept for the next case, which uses the same pooled connections. Null if the last case failed. */
    private static @Nullable World world;

    static Stream<Arguments> casesInPieces() {
        return Writing.of(AnswerCases.all().stream(), each -> !each.comesWhole);
    }

    @AfterAll
    static void close() throws IOException {
        World last = world;
        world = null;
        if (last != null) {
            last.proxy().close();
            last.upstream().close();
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("casesInPieces")
    void onlyTheCallerReadsAWholeResponse(AnswerCase each, Writing writing) throws IOException {
        boolean wentWell = false;
        try {
            World here = world == null ? World.create() : world;
            world = here;
            RecordingUpstream.assertServes(here.proxy(), "/before");
            here.script().current = each;
            here.script().writing = writing;
            try (RawCaller caller = here.proxy().call()) {
                // When
                caller.send(each.method + " " + CASE + " HTTP/1.1\r\nHost: localhost\r\n\r\n");

                // Then
                if (each.complete) {
                    expectWhole(caller, each);
                } else {
                    assertThat(caller.statusIfWhole(each.method)).isIn(0, 502);
                }
            }
            int connection = here.script().connection;
            if (!each.reused && writing == Writing.BYTE_BY_BYTE) {
                here.upstream().awaitEnd(connection);
            }
            here.upstream().forget();
            RecordingUpstream.assertServes(here.proxy(), "/after");
            int next = here.upstream().seen().get(0).connection();
            assertThat(next == connection).as("the connection is used again").isEqualTo(each.reused);
            if (!each.reused) {
                here.upstream().awaitEnd(connection);
            }
            wentWell = true;
        } finally {
            if (!wentWell) {
                close();
            }
        }
    }

    private static void expectWhole(RawCaller caller, AnswerCase each) throws IOException {
        List<String> informational = new ArrayList<>();
        StrictReader.Message response = caller.reader().response(each.method);
        while (response.isInformational()) {
            informational.add(response.first() + " " + response.fields());
            response = caller.reader().response(each.method);
        }
        assertThat(response.status()).as("%s", response).isEqualTo(each.status);
        if (each.status == 502) {
            assertThat(response.values("content-type")).containsExactly("application/json");
        } else {
            assertThat(informational).isEqualTo(each.informational);
            assertThat(response.body()).isEqualTo(each.body);
            assertThat(response.fields())
                    .extracting(StrictReader.Field::toString)
                    .containsAll(each.fields);
            for (String name : each.missing) {
                assertThat(response.values(name)).as(name).isEmpty();
            }
            assertThat(response.trailers())
                    .extracting(StrictReader.Field::toString)
                    .isEqualTo(each.trailers);
        }
        if (response.values("connection").contains("close")) {
            assertThat(caller.reader().isOver()).as("the connection is over").isTrue();
        } else {
            RecordingUpstream.assertEcho(caller.getStrictly("/further"), "GET", "/further");
        }
    }

    // Cases that a table can't express

    @Test
    void aResponseAfterARetried401ReachesNoCaller() throws IOException {
        // Given a 401 dated in the second in which the token becomes valid, and another response after it
        Instant now = Instant.now();
        Token token = Tokens.issuedAt(now);
        String date =
                DateTimeFormatter.RFC_1123_DATE_TIME.format(now.minusSeconds(60).atOffset(ZoneOffset.UTC));
        AtomicInteger cases = new AtomicInteger();
        try (RecordingUpstream upstream = new RecordingUpstream((request, connection) -> {
                    if (request.target().equals(CASE) && cases.getAndIncrement() == 0) {
                        connection.write("HTTP/1.1 401 Unauthorized\r\nDate: " + date
                                + "\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 200 OK\r\nX-Seen: nobody\r\n"
                                + "Content-Length: 5\r\n\r\nother");
                        return true;
                    }
                    return RecordingUpstream.echo(request, connection);
                });
                RunningProxy proxy = RunningProxy.before(upstream.server()).using(token);
                RawCaller caller = proxy.call()) {
            // When
            StrictReader.Message response = caller.getStrictly(CASE);

            // Then
            RecordingUpstream.assertEcho(response, "GET", CASE);
            RecordingUpstream.assertEcho(caller.getStrictly("/further"), "GET", "/further");
            assertThat(upstream.seen().get(1).connection())
                    .isNotEqualTo(upstream.seen().get(0).connection());
        }
    }

    @Test
    void aResponseBeforeTheEndOfTheBodyEndsBothConnections() throws IOException {
        try (ScriptedServer early = new ScriptedServer(connection -> {
                    if (connection.readHead().startsWith("POST")) {
                        connection.answer("413 Content Too Large", "no");
                        connection.in().transferTo(OutputStream.nullOutputStream());
                    } else {
                        connection.answer("200 OK\r\nX-Seen: GET /after", "");
                    }
                });
                RunningProxy proxy = RunningProxy.before(early).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            // When
            caller.send("POST /case HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf");
            StrictReader.Message answer = caller.response("POST");
            caller.get("/never", "");

            // Then
            assertThat(answer.status()).isEqualTo(413);
            assertThat(caller.reader().isOver()).isTrue();
            RecordingUpstream.assertServes(proxy, "/after");
            assertThat(early.connections()).isEqualTo(2);
            assertThat(early.requests()).hasSize(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"100, 200", "101, 502"})
    void moreThan100InterimResponsesAreABadGateway(int interim, int status) throws IOException {
        String continues = "HTTP/1.1 100 Continue\r\n\r\n".repeat(interim);
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        connection.write(continues);
                        connection.answer("200 OK", "good");
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(Tokens.issuedAt(Instant.now()));
                RawCaller caller = proxy.call()) {
            for (int i = 0; i < 2; i++) { // each request of a connection may get so many
                assertThat(caller.get("/", "").readAnswer()).startsWith("HTTP/1.1 " + status + " ");
            }
        }
    }
}
