package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests to the API server as bytes, compared with Netty's own. */
class UpstreamRequestEncoderTest {
    private static final AsciiString X = AsciiString.cached("X");
    private static final int COPIED_BODY = 14 << 10;

    private static FullHttpRequest request(int body) {
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.POST,
                "/api/v1/namespaces?limit=1",
                Unpooled.wrappedBuffer(distinct(body)),
                new HeaderList(),
                DefaultHttpHeadersFactory.trailersFactory().newHeaders());
        request.headers()
                .add(HttpHeaderNames.HOST, "10.0.0.1:443")
                .add(X, "\u00fc")
                .add(HttpHeaderNames.CONTENT_LENGTH, body);
        return request;
    }

    private static byte[] distinct(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static List<ByteBuf> buffers(HttpRequestEncoder encoder, FullHttpRequest request) {
        EmbeddedChannel channel = new EmbeddedChannel(encoder);
        channel.writeOutbound(request);
        List<ByteBuf> all = new ArrayList<>();
        for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
            all.add(each);
        }
        channel.finish();
        return all;
    }

    /** Returns the bytes as ISO 8859-1, in which each byte is one character. Releases the buffers. */
    private static String bytes(List<ByteBuf> buffers) {
        ByteBuf all = Unpooled.wrappedBuffer(buffers.toArray(ByteBuf[]::new));
        String text = all.toString(StandardCharsets.ISO_8859_1);
        all.release();
        return text;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 500, COPIED_BODY - 1, COPIED_BODY, COPIED_BODY + 1})
    void theBytesOfARequestAreLikeNettys(int body) {
        assertThat(bytes(buffers(new UpstreamRequestEncoder(), request(body))))
                .isEqualTo(bytes(buffers(new HttpRequestEncoder(), request(body))));
    }

    /** Completes only writes that end with an empty line, as headers do. */
    private static final class SendsHeads extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ByteBuf bytes = (ByteBuf) message;
            if (bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                promise.setSuccess();
            }
            bytes.release();
        }
    }

    /** Otherwise a partly sent body would be treated as unsent, and sent again. */
    @ParameterizedTest
    @CsvSource({"15500, true", "16383, true", "16384, true", "16385, false", "20000, false"})
    void headersWaitForTheirBodyOnlyWithinOneTlsRecord(int length, boolean waits) {
        FullHttpRequest request = request(10_000);
        int others =
                bytes(buffers(new UpstreamRequestEncoder(), request(10_000))).length();
        request.headers().add(X, "x".repeat(length - others - "X: \r\n".length()));
        EmbeddedChannel channel = new EmbeddedChannel(new SendsHeads(), new UpstreamRequestEncoder());

        ChannelFuture written = channel.write(request);

        assertThat(written.isDone()).isEqualTo(!waits);
        channel.finishAndReleaseAll();
    }

    @Test
    void theBytesOfChunksAndTrailersAreLikeNettys() {
        assertThat(bytes(buffers(new UpstreamRequestEncoder(), chunked())))
                .isEqualTo(bytes(buffers(new HttpRequestEncoder(), chunked())))
                .endsWith("0\r\nExpires: never\r\n\r\n");
    }

    private static FullHttpRequest chunked() {
        FullHttpRequest request = request(10);
        request.headers().remove(HttpHeaderNames.CONTENT_LENGTH).add(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
        request.trailingHeaders().add("Expires", "never");
        return request;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, COPIED_BODY})
    void aSmallRequestIsASingleBufferOnTheHeap(int body) {
        List<ByteBuf> written = buffers(new UpstreamRequestEncoder(), request(body));

        assertThat(written).singleElement().matches(ByteBuf::hasArray);

        written.forEach(ByteBuf::release);
    }

    @Test
    void aWholeRequestIsNotWrittenIntoTheBodyOfAnother() {
        EmbeddedChannel channel = new EmbeddedChannel(new UpstreamRequestEncoder());
        HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
        head.headers().add(HttpHeaderNames.CONTENT_LENGTH, "5");
        channel.writeOutbound(head);

        assertThatThrownBy(() -> channel.writeOutbound(request(0))).hasMessageContaining("unexpected message type");

        channel.finishAndReleaseAll();
    }

    @Test
    void aWrittenRequestIsReleased() {
        FullHttpRequest request = request(10);

        buffers(new UpstreamRequestEncoder(), request).forEach(ByteBuf::release);

        assertThat(request.refCnt()).isZero();
    }
}
