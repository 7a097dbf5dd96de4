package io.tokenguardian.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;

/**
 * The limit of each buffer of one connection, in bytes: of data that is read and not yet parsed, and of data that is
 * written and not yet sent. All callers' connections share {@link #TOTAL} equally. So a few connections get large
 * buffers, and up to {@code TOTAL / LEAST} connections together use no more memory than these few. Thread-safe.
 */
public final class BufferShare {

    /** The limit of all buffers of one kind together, in bytes, for up to {@code TOTAL / LEAST} connections. */
    static final int TOTAL = 16 << 20;

    /** The smallest limit, in bytes. The headers of an ordinary request fit. */
    static final int LEAST = 4 << 10;

    /** The largest limit, in bytes. A larger limit makes no connection faster. */
    static final int MOST = 64 << 10;

    private int connections;
    private volatile int bytes = MOST;

    public synchronized void enter() {
        connections++;
        divide();
    }

    public synchronized void leave() {
        connections--;
        divide();
    }

    /** The present limit, in bytes: a power of two from {@link #LEAST} to {@link #MOST}. */
    int bytes() {
        return bytes;
    }

    /** Sets the water marks of {@code channel}: unwritable above this size, and writable again below half of it. */
    public void setWaterMarks(Channel channel) {
        int share = bytes;
        if (share != channel.config().getWriteBufferHighWaterMark()) {
            channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(share / 2, share));
        }
    }

    private void divide() {
        int equal = Integer.highestOneBit(TOTAL / Math.max(1, connections));
        int next = Math.max(LEAST, Math.min(MOST, equal));
        if (next != bytes) {
            bytes = next;
        }
    }
}
