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
 *
 * <p>Small parts are joined, because a chunk may contain only one byte. {@link #writeJoined} writes them when the
 * current read is complete.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class ReplayBody {

    /** The bytes counted for each part in addition to its content, for the objects that represent it. */
    static final int PART = 192;

    /** The largest part that is joined with other parts, in bytes. */
    static final int SMALL = 512;

    /** The size of a buffer for joined parts, in bytes. */
    static final int JOINED = 4 << 10;

    private final long limit;
    private final Semaphore budget;
    private final List<HttpContent> parts = new ArrayList<>(1);
    private long received;
    private int taken;
    private boolean replayable = true;

    /** Has its own reference to the buffer. While the whole body is kept, this is also the last of {@link #parts}. */
    private @Nullable ByteBuf joined;

    /** How many bytes of {@link #joined} have been written to the current upstream. */
    private int joinedWritten;

    ReplayBody(long limit, Semaphore budget) {
        this.limit = limit;
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
        return replayable && received < limit;
    }

    /** Releases {@code part} later. Called while no attempt is under way. */
    void keep(HttpContent part) {
        if (isSmall(part)) {
            join(part, true);
        } else {
            closeJoined();
            count(part);
            parts.add(part);
        }
    }

    /** Writes {@code part} to the upstream of the current attempt. Also keeps it, as long as the limits allow. */
    void passOn(HttpContent part, Channel upstream) {
        if (isSmall(part)) {
            if (joined != null && !joined.isWritable(part.content().readableBytes())) {
                writeJoined(upstream);
            }
            join(part, false);
        } else {
            writeJoined(upstream);
            closeJoined();
            count(part);
            if (replayable) {
                parts.add(part);
                upstream.write(part.retainedDuplicate());
            } else {
                upstream.write(part);
            }
        }
        if (!replayable) {
            forget();
        }
    }

    void writeJoined(Channel upstream) {
        ByteBuf from = joined;
        if (from == null || joinedWritten == from.writerIndex()) {
            return;
        }
        int bytes = from.writerIndex() - joinedWritten;
        upstream.write(new DefaultHttpContent(from.retainedSlice(joinedWritten, bytes)));
        joinedWritten = from.writerIndex();
        if (!replayable) {
            closeJoined();
        }
    }

    private static boolean isSmall(HttpContent part) {
        int bytes = part.content().readableBytes();
        return bytes > 0 && bytes <= SMALL && !(part instanceof LastHttpContent);
    }

    /** @param always whether to keep the part even beyond the limits, because it has not been sent */
    private void join(HttpContent part, boolean always) {
        int bytes = part.content().readableBytes();
        ByteBuf into = joined;
        if (into != null && into.isWritable(bytes)) {
            count(bytes, 0);
        } else {
            closeJoined();
            into = part.content().alloc().buffer(JOINED, JOINED);
            joined = into;
            count(bytes, PART + JOINED);
            if (always || replayable) {
                parts.add(new DefaultHttpContent(into.retain()));
            }
        }
        into.writeBytes(part.content());
        part.release();
    }

    private void closeJoined() {
        if (joined != null) {
            joined.release();
            joined = null;
            joinedWritten = 0;
        }
    }

    private void count(HttpContent part) {
        int bytes = part.content().readableBytes();
        count(bytes, bytes + PART);
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
        joinedWritten = joined == null ? 0 : joined.writerIndex();
        if (!replayable) {
            release();
        }
        return headWritten;
    }

    /** Called when a retry is no longer possible. */
    void forget() {
        replayable = false;
        parts.forEach(HttpContent::release);
        parts.clear();
        budget.release(taken);
        taken = 0;
    }

    /** Called when no attempt will follow. */
    void release() {
        closeJoined();
        forget();
    }
}
