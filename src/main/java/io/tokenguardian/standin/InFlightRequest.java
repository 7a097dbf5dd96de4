package io.tokenguardian.standin;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request that a replica is handling: its headers, the part of its body that has arrived, and its faults. */
final class InFlightRequest {

    private static final Set<String> LONG_RUNNING = Set.of("attach", "exec", "log", "portforward", "proxy");

    private static final byte[] NOTHING = new byte[0];

    final ReceivedHead head;
    final HttpHeaders headers;
    final List<Fault.OnRequest> faults;
    final boolean keepAlive;
    final long declaredLength;

    /** Whether the client waits for a 100 response before it sends the body. */
    boolean expectsContinue;

    boolean bodyEnded;
    boolean recorded;
    long bodyLength;

    @Nullable
    User user;

    @Nullable
    String cause;

    /** The response to send after the body has been read; null if it has not been decided yet. */
    Response.@Nullable Full early;

    private @Nullable ByteArrayOutputStream body;

    InFlightRequest(ReceivedHead head, HttpRequest request, List<Fault.OnRequest> faults) {
        this.head = head;
        this.headers = request.headers();
        this.faults = faults;
        this.keepAlive = HttpUtil.isKeepAlive(request);
        this.declaredLength = HttpUtil.getContentLength(request, 0L);
        this.expectsContinue = HttpUtil.is100ContinueExpected(request);
    }

    void keep(ByteBuf content) {
        if (!content.isReadable()) {
            return;
        }
        if (body == null) {
            body = new ByteArrayOutputStream(content.readableBytes());
        }
        try {
            content.readBytes(body, content.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] body() {
        return body == null ? NOTHING : body.toByteArray();
    }

    /**
     * Whether the API server's priority and fairness applies to the request. It is applied after authentication, but
     * not to long-running requests for subresources (<i>apiserver</i>,
     * {@code pkg/server/filters/priority-and-fairness.go}).
     */
    boolean isQueued() {
        return user != null
                && ResourcePath.parse(head.path())
                        .map(ResourcePath::subresource)
                        .filter(LONG_RUNNING::contains)
                        .isEmpty();
    }

    boolean isHead() {
        return head.method().equals("HEAD");
    }

    <F extends Fault.OnRequest> @Nullable F fault(Class<F> type) {
        for (Fault.OnRequest fault : faults) {
            if (type.isInstance(fault)) {
                return type.cast(fault);
            }
        }
        return null;
    }

    /** How the connection is cut at {@code moment}; null if it is not cut at this point. */
    Fault.@Nullable Manner cutAt(Fault.Moment moment) {
        for (Fault.OnRequest fault : faults) {
            if (fault instanceof Fault.Cut cut && cut.moment() == moment) {
                return cut.manner();
            }
        }
        return null;
    }
}
