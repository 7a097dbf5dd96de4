package io.tokenguardian.proxy.caller;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.StrictReader;
import io.tokenguardian.proxy.http.RequestRefusedException;
import io.tokenguardian.proxy.http.StrictRequestDecoder;
import io.tokenguardian.proxy.request.UpstreamRequest;
import io.tokenguardian.testing.DefaultSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Any bytes from a caller are either refused, or all readers see the same single request. The same is true for the
 * request that the API server gets.
 */
class UpstreamRequestFuzzTest {

    private static final AsciiString AUTHORITY = AsciiString.cached("api.example:6443");
    private static final List<RequestRule> RULES =
            RequestRule.all(DefaultSettings.proxy().acceptHosts());

    /** Fields that the proxy sets or drops, or that are not part of the request itself. */
    private static final Set<String> CHANGED = Set.of(
            "host",
            "content-length", // 05 becomes 5; the body is compared
            "connection",
            "upgrade",
            "te",
            "trailer",
            "keep-alive",
            "proxy-connection",
            "proxy-authorization",
            "http2-settings",
            "authorization",
            "sec-websocket-protocol");

    @FuzzTest(maxDuration = "5m")
    @DictionaryEntries({
        "GET /api HTTP/1.1",
        "POST /api HTTP/1.1",
        "\\x0D\\x0A",
        "Host: localhost",
        "Transfer-Encoding: chunked",
        "Content-Length: 5",
        "Connection: upgrade, close",
        "Upgrade: websocket",
        "Expect: 100-continue",
        "Authorization: Bearer x",
        "/secret/%2e%2e/"
    })
    void everyReaderReadsTheSameOrTheRequestIsRefused(byte[] bytes) {
        List<HttpObject> read = read(bytes);
        try {
            if (!isAccepted(read)) {
                return;
            }
            StrictReader.Message came = StrictReader.head(bytes);
            byte[] sent = encode(read);
            StrictReader.First goes = StrictReader.first(sent);
            assertThat(goes.length()).as("all that is sent is the request").isEqualTo(sent.length);
            assertThat(goes.request().method()).isEqualTo(came.method());
            assertThat(goes.request().target()).isEqualTo(came.target());
            if (came.values("transfer-encoding").isEmpty()) {
                assertThat(goes.request().body())
                        .isEqualTo(StrictReader.first(bytes).request().body());
            } // else the proxy writes its own chunks
            assertThat(goes.request().values("host")).containsExactly(AUTHORITY.toString());
            assertThat(goes.request().values("authorization")).isEmpty();
            assertThat(came.fields()).containsAll(kept(goes.request()));
        } finally {
            read.forEach(ReferenceCountUtil::release);
        }
    }

    private static List<StrictReader.Field> kept(StrictReader.Message request) {
        return request.fields().stream()
                .filter(field -> !CHANGED.contains(field.name()))
                .toList();
    }

    /** The decoder's output for {@code bytes} up to the end of the first request, in any two pieces. */
    private static List<HttpObject> read(byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(new Semaphore(Integer.MAX_VALUE)));
        int middle = bytes.length == 0 ? 0 : (bytes[0] & 0xff) * bytes.length / 256;
        try {
            channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, middle));
            channel.writeInbound(Unpooled.copiedBuffer(bytes, middle, bytes.length - middle));
        } catch (RequestRefusedException e) {
            // the request has no end
        }
        List<HttpObject> first = new ArrayList<>();
        boolean ended = false;
        for (HttpObject each = channel.readInbound(); each != null; each = channel.readInbound()) {
            if (ended) {
                ReferenceCountUtil.release(each);
            } else {
                first.add(each);
            }
            ended |= each instanceof LastHttpContent;
        }
        channel.finishAndReleaseAll();
        return first;
    }

    /** Makes the outgoing headers, in place; false if the request is refused or not complete. */
    private static boolean isAccepted(List<HttpObject> read) {
        if (read.isEmpty()
                || !(read.get(0) instanceof HttpRequest request)
                || !(read.get(read.size() - 1) instanceof LastHttpContent)) {
            return false;
        }
        try {
            RULES.forEach(rule -> rule.check(request));
            var unused = UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AUTHORITY, false);
            return true;
        } catch (RequestRefusedException e) {
            return false;
        }
    }

    private static byte[] encode(List<HttpObject> request) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestEncoder());
        for (HttpObject each : request) {
            channel.writeOutbound(each instanceof HttpContent content ? content.retain() : each);
        }
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        channel.finishAndReleaseAll();
        byte[] bytes = ByteBufUtil.getBytes(all);
        all.release();
        return bytes;
    }
}
