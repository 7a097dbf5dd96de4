package io.tokenguardian.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;

/**
 * The size limit, in bytes, of each of a connection's two buffers: one for data that has been read but not parsed, and
 * one for data that has been written but not sent. All callers' connections share {@link #TOTAL} equally. A small
 * number of connections therefore get large buffers, and up to {@code TOTAL / LEAST} connections use at most
 * {@code TOTAL} bytes for each kind of buffer. Thread-safe.
 */
public final class BufferShare {

    /** The total size limit of all buffers of one kind, in bytes, for up to {@code TOTAL / LEAST} connections. */
    static final int TOTAL = 16 << 20;

    /** The smallest limit, in bytes. It is enough for the headers of an ordinary request. */
    static final int LEAST = 4 << 10;

    /** The largest limit, in bytes. A larger limit would not make connections faster. */
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

    /** The current limit, in bytes: a power of two from {@link #LEAST} to {@link #MOST}. */
    int bytes() {
        return bytes;
    }

    /**
     * Sets the water marks of {@code channel}: it becomes unwritable above this size, and writable again below half of
     * it.
     */
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
