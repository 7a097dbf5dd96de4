package io.tokenguardian.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has come of a request's body, kept so that it can be sent again. Over its limit, or over the budget of all
 * requests, the attempt under way goes on and only the replay is lost. Before the first sending nothing is ever lost:
 * what has been read is kept, and {@link #wantsMore()} says when to stop reading.
 *
 * <p>Small parts are joined, since a chunk may be of one byte: what is joined goes out at the latest with
 * {@link #writeJoined}, when all that was there to be read is in.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
final class ReplayBody {

    /** What a part costs beside its bytes, in bytes: the objects that hold it. */
    static final int PART = 192;

    /** Parts of up to so many bytes are joined. */
    static final int SMALL = 512;

    /** Bytes that joined parts have room for. */
    static final int JOINED = 4 << 10;

    private final long limit;
    private final ByteBudget budget;
    private final List<HttpContent> parts = new ArrayList<>(1);
    private long received;
    private long taken;
    private boolean complete;
    private boolean replayable = true;

    /** Where small parts are joined, with a reference of its own; the last of {@link #parts} too while all is kept. */
    private @Nullable ByteBuf joined;

    /** How much of {@link #joined} has been written to the attempt under way. */
    private int joinedWritten;

    ReplayBody(long limit, ByteBudget budget) {
        this.limit = limit;
        this.budget = budget;
    }

    boolean isComplete() {
        return complete;
    }

    /** Bytes that have come so far. */
    long received() {
        return received;
    }

    /** Whether everything that came so far is still here. */
    boolean isReplayable() {
        return replayable;
    }

    /** Whether reading more before the first sending stays within the limits. */
    boolean wantsMore() {
        return !complete && replayable && received < limit;
    }

    /** Takes over {@code part} while no attempt is under way. */
    void keep(HttpContent part) {
        if (isSmall(part)) {
            join(part, true);
        } else {
            closeJoined();
            count(part);
            parts.add(part);
        }
    }

    /** Passes {@code part} on to the attempt under way, and keeps it too as long as that is within the limits. */
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

    /** Writes what is joined and not written yet to the attempt under way. */
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

    /** @param always whether the part is kept even past the limits, since it has not been sent */
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

    /** Nothing more is joined to what was joined so far. */
    private void closeJoined() {
        if (joined != null) {
            joined.release();
            joined = null;
            joinedWritten = 0;
        }
    }

    private void count(HttpContent part) {
        complete |= part instanceof LastHttpContent;
        int bytes = part.content().readableBytes();
        count(bytes, bytes + PART);
    }

    private void count(int bytes, int cost) {
        received += bytes;
        if (!replayable || bytes == 0) {
            return;
        }
        if (received <= limit && budget.take(cost)) {
            taken += cost;
        } else {
            replayable = false;
        }
    }

    /**
     * Writes {@code head} and everything kept; as a single message when the body is complete and of one piece, which
     * makes one TLS record of it.
     *
     * @return the future of the head's writing
     */
    ChannelFuture send(HttpRequest head, Channel upstream) {
        if (complete && parts.size() == 1 && parts.get(0) instanceof LastHttpContent last) {
            return upstream.write(new DefaultFullHttpRequest(
                    head.protocolVersion(),
                    head.method(),
                    head.uri(),
                    last.content().retainedDuplicate(),
                    head.headers(),
                    last.trailingHeaders()));
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

    /** Lets go of what was kept for another sending: the answer's head is here. */
    void forget() {
        replayable = false;
        parts.forEach(HttpContent::release);
        parts.clear();
        budget.giveBack(taken);
        taken = 0;
    }

    /** Lets go of everything: nobody wants an answer any more. */
    void release() {
        closeJoined();
        forget();
    }
}
