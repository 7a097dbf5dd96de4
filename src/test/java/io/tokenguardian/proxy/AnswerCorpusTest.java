package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.proxy.StrictCaller.Writing;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
        public boolean answer(StrictReader.Request request, ScriptedServer.Connection to) throws IOException {
            AnswerCase now = current;
            if (now == null || !request.target().equals(CASE)) {
                return RecordingUpstream.echo(request, to);
            }
            connection = to.number();
            if (writing == Writing.AT_ONCE) {
                to.write(now.bytes());
            } else {
                for (byte each : now.bytes().getBytes(StandardCharsets.ISO_8859_1)) {
                    to.out().write(each);
                }
            }
            if (now.then() == AnswerCase.Then.BREAKS_OFF) {
                to.closeWithoutNotify();
            }
            return now.then() == AnswerCase.Then.GOES_ON;
        }
    }

    /** Kept for the next case, which uses the same pooled connections. Null if the last case failed. */
    private static @Nullable World world;

    static Stream<AnswerCase> cases() {
        return AnswerCases.all().stream();
    }

    static Stream<Arguments> casesInPieces() {
        return Corpus.written(cases(), each -> !each.hasToComeWhole());
    }

    @BeforeAll
    static void printTheCounts() {
        Corpus.count("answers", cases(), AnswerCase::corpus);
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
            goodCaller(here, "/before");
            here.script().current = each;
            here.script().writing = writing;

            try (StrictCaller caller = new StrictCaller(here.proxy().port())) {
                // When
                caller.send(each.method() + " " + CASE + " " + each.version() + "\r\nHost: localhost\r\n"
                        + (each.version().equals("HTTP/1.0") ? "Connection: keep-alive\r\n" : "") + "\r\n");

                // Then
                if (each.isComplete()) {
                    expectWhole(caller, each);
                } else {
                    expectNothingWhole(caller, each);
                }
            }
            int connection = here.script().connection;
            if (!each.isReused() && writing == Writing.BYTE_BY_BYTE) {
                here.upstream().awaitEnd(connection);
            }
            here.upstream().forget();
            goodCaller(here, "/after");
            int next = here.upstream().seen().get(0).connection();
            assertThat(next == connection).as("the connection is used again").isEqualTo(each.isReused());
            if (!each.isReused()) {
                here.upstream().awaitEnd(connection);
            }
            wentWell = true;
        } finally {
            if (!wentWell) {
                close();
            }
        }
    }

    private static void goodCaller(World here, String path) throws IOException {
        try (StrictCaller caller = new StrictCaller(here.proxy().port())) {
            expectEcho(caller.get(path).answer("GET"), "GET " + path);
        }
    }

    private static void expectEcho(StrictResponseReader.Response answer, String seen) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.values("x-seen")).containsExactly(seen);
    }

    private static void expectWhole(StrictCaller caller, AnswerCase each) throws IOException {
        List<Integer> informational = new ArrayList<>();
        StrictResponseReader.Response answer = caller.reader().next(each.method());
        while (answer.isInformational()) {
            informational.add(answer.status());
            answer = caller.reader().next(each.method());
        }
        if (each.status() == 502) {
            assertThat(answer.status()).as("%s", answer).isEqualTo(502);
            assertThat(answer.values("content-type")).containsExactly("application/json");
        } else {
            assertThat(answer.status()).as("%s", answer).isEqualTo(each.status());
            assertThat(informational).isEqualTo(each.informational());
            if (each.body() != null) {
                assertThat(answer.body()).isEqualTo(each.body());
            }
            assertThat(fields(answer.fields())).containsAll(each.fields());
            for (String name : each.missing()) {
                assertThat(answer.values(name)).as(name).isEmpty();
            }
            if (each.trailers() != null) {
                assertThat(fields(answer.trailers())).isEqualTo(each.trailers());
            }
        }
        if (each.version().equals("HTTP/1.0")) {
            assertThat(answer.values("transfer-encoding")).isEmpty();
        }
        if (answer.values("connection").contains("close")) {
            assertThat(caller.reader().isOver()).as("the connection is over").isTrue();
        } else {
            expectEcho(caller.get("/further").answer("GET"), "GET /further");
        }
    }

    private static void expectNothingWhole(StrictCaller caller, AnswerCase each) throws IOException {
        StrictResponseReader.Response answer;
        try {
            answer = caller.answer(each.method());
        } catch (StrictResponseReader.EndedException e) {
            return;
        }
        assertThat(answer.status()).as("%s", answer).isEqualTo(502);
    }

    private static List<String> fields(List<StrictReader.Field> fields) {
        return fields.stream().map(field -> field.name() + ": " + field.value()).toList();
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
                StrictCaller caller = new StrictCaller(proxy.port())) {
            // When
            caller.get(CASE);

            // Then
            expectEcho(caller.answer("GET"), "GET " + CASE);
            expectEcho(caller.get("/further").answer("GET"), "GET /further");
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
                StrictCaller caller = new StrictCaller(proxy.port())) {
            // When
            caller.send("POST /case HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf");
            StrictResponseReader.Response answer = caller.answer("POST");
            caller.get("/never");

            // Then
            assertThat(answer.status()).isEqualTo(413);
            assertThat(caller.reader().isOver()).isTrue();
            try (StrictCaller next = new StrictCaller(proxy.port())) {
                expectEcho(next.get("/after").answer("GET"), "GET /after");
            }
            assertThat(early.connections()).isEqualTo(2);
            assertThat(early.requests()).hasSize(2);
        }
    }
}
