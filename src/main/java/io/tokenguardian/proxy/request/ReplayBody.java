package io.tokenguardian.proxy.request;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.tokenguardian.proxy.http.UpstreamRequestEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The received part of a request's body, kept for a retry. If it exceeds its own limit or the budget of all requests,
 * the current attempt continues, but no retry is possible. Before the first attempt, everything that was read is kept.
 * If the announced length exceeds the limit, nothing that is read during an attempt is kept.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class ReplayBody {

    /** The bytes counted for each part in addition to its content, for the objects that represent it. */
    static final int PART = 192;

    /** The largest part that is joined with others, in bytes. A chunk may contain only one byte. */
    static final int SMALL = 512;

    /** The size of a buffer for joined parts, in bytes. */
    static final int JOINED = 4 << 10;

    private final long limit;
    private final boolean tooLong;
    private final Semaphore budget;
    private final List<HttpContent> parts = new ArrayList<>(1);
    private long received;
    private int taken;
    private boolean replayable = true;

    /** The content of the last of {@link #parts}, if that has joined parts. */
    private @Nullable ByteBuf joined;

    /** @param length the announced length, in bytes; -1 for a chunked body */
    ReplayBody(long length, long limit, Semaphore budget) {
        this.limit = limit;
        this.tooLong = length > limit;
        this.budget = budget;
    }

    long received() {
        return received;
    }

    /** Whether everything received so far remains available for another attempt after it is sent. */
    boolean isReplayable() {
        return replayable;
    }

    /** Whether the limits allow reading more while no attempt is under way. */
    boolean wantsMore() {
        return !tooLong && replayable && received < limit;
    }

    /** Keeps {@code part}, and releases it now or later. */
    void keep(HttpContent part) {
        int bytes = part.content().readableBytes();
        if (bytes == 0 || bytes > SMALL || part instanceof LastHttpContent) {
            joined = null;
            count(bytes, bytes + PART);
            parts.add(part);
            return;
        }
        ByteBuf into = joined;
        if (into == null || !into.isWritable(bytes)) {
            into = part.content().alloc().buffer(JOINED, JOINED);
            joined = into;
            parts.add(new DefaultHttpContent(into));
            count(bytes, JOINED + PART);
        } else {
            count(bytes, 0);
        }
        into.writeBytes(part.content());
        part.release();
    }

    /** Writes {@code part} to the upstream of the current attempt. Also keeps it, as long as the limits allow. */
    void passOn(HttpContent part, Channel upstream) {
        if (replayable && !tooLong) {
            upstream.write(part.retainedDuplicate());
            keep(part);
        } else {
            received += part.content().readableBytes();
            upstream.write(part);
        }
        if (!replayable || tooLong) {
            drop();
        }
    }

    private void count(int bytes, int cost) {
        received += bytes;
        if (!replayable || bytes == 0) {
            return;
        }
        if (received <= limit && budget.tryAcquire(cost)) {
            taken += cost;
        } else {
            replayable = false;
        }
    }

    /**
     * Writes {@code head} and everything that is kept. A complete small body of one part is written together with its
     * headers, to fit into one TLS record; the future is then for the whole request, otherwise for the headers.
     */
    ChannelFuture send(HttpRequest head, Channel upstream) {
        if (parts.size() == 1
                && parts.get(0) instanceof LastHttpContent last
                && last.content().readableBytes() <= UpstreamRequestEncoder.COPIED_BODY) {
            return upstream.write(UpstreamRequestEncoder.whole(head, last));
        }
        ChannelFuture headWritten = upstream.write(head);
        for (HttpContent part : parts) {
            upstream.write(part.retainedDuplicate());
        }
        if (!replayable) {
            drop();
        }
        return headWritten;
    }

    /** Called when no retry is possible any more, or no attempt follows. */
    void drop() {
        replayable = false;
        joined = null;
        parts.forEach(HttpContent::release);
        parts.clear();
        budget.release(taken);
        taken = 0;
    }
}
