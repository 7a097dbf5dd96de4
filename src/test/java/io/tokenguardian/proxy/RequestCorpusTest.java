package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.proxy.RequestCase.LetIn;
import io.tokenguardian.proxy.RequestCase.Then;
import io.tokenguardian.proxy.http.StrictRequestDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The cases of public tests of HTTP servers, sent to the proxy. An API server that records every byte reads exactly the
 * accepted requests. A second caller's request over the same pooled connection arrives unharmed.
 */
@Timeout(300)
@Tag("slow")
class RequestCorpusTest {

    /** The size in bytes of the longest case that is not about its size. */
    private static final int SHORT = 2_000;

    /** A proxy in front of a server that reports the requests that it received. */
    private record World(RecordingUpstream upstream, RunningProxy proxy) {
        static World create() throws IOException {
            RecordingUpstream upstream = new RecordingUpstream(RecordingUpstream::echo);
            return new World(upstream, RunningProxy.before(upstream.server()).using(Tokens.issuedAt(Instant.now())));
        }
    }

    /** Kept for the next case, which uses the same pooled connections. Null if the last case failed. */
    private static @Nullable World world;

    static Stream<RequestCase> cases() {
        return RequestCases.all().stream();
    }

    static Stream<Arguments> casesInPieces() {
        return Writing.of(cases(), each -> each.bytes.length() <= SHORT);
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
    void theServerReadsExactlyTheAcceptedRequests(RequestCase each, Writing writing) throws IOException {
        boolean wentWell = false;
        try {
            World here = world == null ? World.create() : world;
            world = here;
            RunningProxy running = here.proxy();
            RecordingUpstream recorder = here.upstream();
            RecordingUpstream.assertServes(running, "/before");
            recorder.forget();
            List<String> wanted = new ArrayList<>();
            try (RawCaller caller = running.call()) {
                // When
                caller.send(each.bytes, writing);

                // Then
                for (LetIn request : each.letIn) {
                    expectEcho(caller.response(request.method()), request);
                    wanted.add(text(request.method(), request.target(), request.body()));
                }
                if (each.refusal != 0) {
                    boolean head = each.letIn.isEmpty() && each.bytes.strip().startsWith("HEAD ");
                    expectRefusal(caller.response(head ? "HEAD" : "GET"), each.refusal, head);
                }
                if (each.then == Then.ENDS) {
                    assertThat(caller.reader().isOver())
                            .as("the connection is over")
                            .isTrue();
                } else if (each.then == Then.GOES_ON) {
                    RecordingUpstream.assertEcho(caller.getStrictly("/further"), "GET", "/further");
                    wanted.add(text("GET", "/further", ""));
                }
            }
            RecordingUpstream.assertServes(running, "/after");
            wanted.add(text("GET", "/after", ""));
            List<StrictReader.Message> seen = recorder.seen().stream()
                    .map(RecordingUpstream.Seen::request)
                    .toList();
            assertThat(seen)
                    .extracting(request -> text(request.method(), request.target(), request.body()))
                    .isEqualTo(wanted);
            for (int i = 0; i < each.letIn.size(); i++) {
                expectFields(seen.get(i), each.letIn.get(i));
            }
            if (each.mayBeCut) {
                // Bytes sent before the caller left may arrive late. No bytes arrive after the proxy's end, so the next
                // case gets a new proxy.
                world = null;
                running.close();
                recorder.awaitEnds();
                assertThat(recorder.allRestsAreCut()).isTrue();
                recorder.close();
            } else {
                assertThat(recorder.rests()).as("bytes beside the requests").isEmpty();
            }
            wentWell = true;
        } finally {
            if (!wentWell) {
                close();
            }
        }
    }

    private static void expectEcho(StrictReader.Message response, LetIn request) {
        RecordingUpstream.assertEcho(response, request.method(), request.target());
        assertThat(response.body()).isEqualTo(request.method().equals("HEAD") ? "" : request.body());
    }

    private static void expectRefusal(StrictReader.Message response, int status, boolean toHead) {
        assertThat(response.status()).as("%s", response).isEqualTo(status);
        if (toHead) {
            assertThat(response.body()).isEmpty();
        } else {
            assertThat(response.body()).contains("\"kind\":\"Status\"", "\"code\":" + status);
        }
        assertThat(response.values("connection")).containsExactly("close");
    }

    private static void expectFields(StrictReader.Message request, LetIn letIn) {
        assertThat(request.values("host")).hasSize(1).noneMatch(host -> host.equals("evil.example"));
        assertThat(request.values("authorization"))
                .singleElement()
                .satisfies(value -> assertThat(value).startsWith("Bearer ey"));
        assertThat(request.fields()).extracting(StrictReader.Field::toString).containsAll(letIn.fields());
        for (String name : letIn.missing()) {
            assertThat(request.values(name)).as(name).isEmpty();
        }
        assertThat(request.trailers()).isEmpty();
    }

    private static String text(String method, String target, String body) {
        return method + " " + target + " [" + body + "]";
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theDecodedRequestsAreTheSameWhereverTheBytesAreSplit(RequestCase each) {
        byte[] bytes = each.bytes.getBytes(StandardCharsets.ISO_8859_1);
        List<String> whole = read(bytes, bytes.length);
        int step = Math.max(1, bytes.length / SHORT);
        for (int middle = 1; middle < bytes.length; middle += step) {
            assertThat(read(bytes, middle)).as("parted at %d", middle).isEqualTo(whole);
        }
    }

    /** Returns what the decoder makes of {@code bytes} in two pieces. A body is joined into one piece. */
    private static List<String> read(byte[] bytes, int middle) {
        StrictRequestDecoder decoder = new StrictRequestDecoder(new Semaphore(Integer.MAX_VALUE));
        EmbeddedChannel channel = new EmbeddedChannel(decoder, new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable refusal) {
                LastHttpContent refused = new DefaultLastHttpContent();
                refused.setDecoderResult(DecoderResult.failure(refusal));
                ctx.fireChannelRead(refused);
            }
        });
        List<HttpObject> objects = new ArrayList<>();
        // copies, because the decoder may move bytes in its input
        channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, middle));
        readEach(channel, decoder, objects);
        channel.writeInbound(Unpooled.copiedBuffer(bytes, middle, bytes.length - middle));
        readEach(channel, decoder, objects);
        List<String> read = read(objects);
        objects.forEach(ReferenceCountUtil::release);
        channel.finishAndReleaseAll();
        return read;
    }

    /** Reads the requests in turn, as if each got its response at once. */
    private static void readEach(EmbeddedChannel channel, StrictRequestDecoder decoder, List<HttpObject> objects) {
        for (HttpObject each = channel.readInbound(); each != null; each = channel.readInbound()) {
            objects.add(each);
            if (each instanceof LastHttpContent) {
                decoder.resume();
            }
        }
    }

    private static List<String> read(List<HttpObject> objects) {
        List<String> read = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (HttpObject each : objects) {
            if (each instanceof HttpContent content) {
                body.append(content.content().toString(StandardCharsets.ISO_8859_1));
            }
            if (each.decoderResult().isFailure()) {
                read.add("refused");
                body.setLength(0); // bytes of a refused body that arrive before the fault are passed on
            } else if (each instanceof HttpRequest request) {
                read.add(request.method() + " " + request.uri() + " " + request.protocolVersion() + " "
                        + request.headers().entries());
            } else if (each instanceof LastHttpContent last) {
                read.add("[" + body + "] " + last.trailingHeaders().entries());
                body.setLength(0);
            }
        }
        if (body.length() > 0) {
            read.add("[" + body + "] and more");
        }
        return read;
    }
}
