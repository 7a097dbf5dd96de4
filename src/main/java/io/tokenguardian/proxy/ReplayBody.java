package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;

/**
 * What has come of a request's body, kept so that it can be sent again. Over its limit, or over the budget of all
 * requests, the attempt under way goes on and only the replay is lost. Before the first sending nothing is ever lost:
 * what has been read is kept, and {@link #wantsMore()} says when to stop reading.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
final class ReplayBody {

    /** What a part costs beside its bytes, in bytes: the objects that hold it. A chunk may be of one byte. */
    private static final int PART = 192;

    private final long limit;
    private final ByteBudget budget;
    private final List<HttpContent> parts = new ArrayList<>(1);
    private long kept;
    private long taken;
    private boolean complete;
    private boolean replayable = true;
    private boolean sent;

    ReplayBody(long limit, ByteBudget budget) {
        this.limit = limit;
        this.budget = budget;
    }

    boolean isComplete() {
        return complete;
    }

    /** Bytes that have come so far. */
    long received() {
        return kept;
    }

    /** Whether everything that came so far is still here. */
    boolean isReplayable() {
        return replayable;
    }

    /** Whether reading more before the first sending stays within the limits. */
    boolean wantsMore() {
        return !complete && replayable && kept < limit;
    }

    /** Takes over {@code part} while no attempt is under way. */
    void keep(HttpContent part) {
        complete |= part instanceof LastHttpContent;
        account(part);
        parts.add(part);
    }

    /** Passes {@code part} on to the attempt under way, and keeps it too as long as that is within the limits. */
    ChannelFuture passOn(HttpContent part, Channel upstream) {
        complete |= part instanceof LastHttpContent;
        account(part);
        if (replayable) {
            parts.add(part);
            return upstream.write(part.retainedDuplicate());
        }
        forget();
        return upstream.write(part);
    }

    private void account(HttpContent part) {
        int bytes = part.content().readableBytes();
        kept += bytes;
        if (!replayable || bytes == 0) {
            return;
        }
        if (kept <= limit && budget.take(bytes + PART)) {
            taken += bytes + PART;
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
        sent = true;
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
        if (!replayable) {
            forget();
        }
        return headWritten;
    }

    /** Whether an attempt can be made: the first one always can. */
    boolean canBeSent() {
        return replayable || !sent;
    }

    /** Lets go of everything kept: the answer's head is here, or nobody wants one any more. */
    void forget() {
        replayable = false;
        parts.forEach(HttpContent::release);
        parts.clear();
        budget.giveBack(taken);
        taken = 0;
    }
}
