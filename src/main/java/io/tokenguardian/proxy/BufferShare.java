package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many bytes one connection may have in each of its buffers: read and not yet parsed, written and not yet taken by
 * the other side. All callers' connections share {@link #TOTAL} equally, so that a few get large buffers, and thousands
 * together no more memory than these few. On any thread.
 */
final class BufferShare {

    /** Bytes of all buffers of one kind together, as long as there are no more than {@code TOTAL / LEAST} connections. */
    static final int TOTAL = 16 << 20;

    /** The least that a connection gets, in bytes: an ordinary request's head fits. */
    static final int LEAST = 4 << 10;

    /** The most, in bytes: more makes no connection faster. */
    static final int MOST = 64 << 10;

    private final AtomicInteger connections = new AtomicInteger();
    private volatile int bytes = MOST;

    /** One connection more. */
    void enter() {
        divide(connections.incrementAndGet());
    }

    /** One connection less. */
    void leave() {
        divide(connections.decrementAndGet());
    }

    /** What each connection may have in each of its buffers: a power of two from {@link #LEAST} to {@link #MOST}. */
    int bytes() {
        return bytes;
    }

    /**
     * Has {@code channel} count as writable only while it holds less than its share.
     *
     * @param last what this method has returned for the channel before; 0 at first
     * @return the share
     */
    int mark(Channel channel, int last) {
        int share = bytes;
        if (share != last) {
            channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(share / 2, share));
        }
        return share;
    }

    private void divide(int among) {
        int equal = Integer.highestOneBit(TOTAL / Math.max(1, among));
        int next = Math.max(LEAST, Math.min(MOST, equal));
        if (next != bytes) {
            bytes = next;
        }
    }
}
