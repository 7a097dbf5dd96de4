package io.tokenguardian.proxy.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * The size limit, in bytes, of each of a connection's four buffers. Two are the program's: data that has been read but
 * not parsed, and data that has been written but not sent. Two are the kernel's, of twice this size: data received and
 * not read (only from the API server), and data sent and not acknowledged. The limit depends on the number of callers'
 * connections. With up to {@link #FEW}, the kernel chooses the size of its buffers, unless they were limited before.
 * Thread-safe.
 */
public final class BufferShare {

    /** The largest {@code SO_RCVBUF} of a new caller, in bytes. All callers in the backlog have it. */
    public static final int CALLER_RECEIVE_BUFFER = 16 << 10;

    /**
     * The number of callers whose sockets are not limited, because a list then costs the least CPU. By default, the
     * kernel keeps up to 4 MiB to send and 6 MiB received for a connection (tcp(7)).
     */
    static final int FEW = 4;

    /** The requested size of the kernel's send buffer, in bytes, for a connection that is no longer limited. */
    static final int AMPLE = 1 << 20;

    /** The number of callers up to which a connection gets {@link #LARGE} buffers. */
    static final int SEVERAL = 64;

    /** The total size limit of all buffers of one kind, in bytes, for more callers, up to {@code TOTAL / LEAST}. */
    static final int TOTAL = 4 << 20;

    /** The smallest limit, in bytes. It is enough for the headers of an ordinary request. */
    static final int LEAST = 4 << 10;

    /**
     * The largest limit for more callers, in bytes. A response is written in pieces of up to twice the limit and a TLS
     * record. If one piece of 64 KiB fills a socket's buffer, a caller on the same machine delays its acknowledgement
     * by 40 ms.
     */
    static final int MOST_SHARED = 16 << 10;

    static final int LARGE = 48 << 10;

    /** The largest limit, in bytes, and Netty's default. A larger limit would not make connections faster. */
    static final int MOST = 64 << 10;

    private int connections;
    private volatile int bytes = MOST;

    public synchronized void enter() {
        connections++;
        bytes = share();
    }

    public synchronized void leave() {
        connections--;
        bytes = share();
    }

    /**
     * Limits the receive buffers of the callers that {@code listener} accepts after this call. They inherit it before
     * they may send, because the kernel would drop data that they were allowed to send.
     */
    public void limitNextCallers(@Nullable Channel listener) {
        int most = Math.min(CALLER_RECEIVE_BUFFER, bytes);
        if (listener instanceof ServerSocketChannel tcp && tcp.config().getReceiveBufferSize() != most) {
            tcp.config().setReceiveBufferSize(most);
        }
    }

    /** The current limit, in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether so many connections are open that each should be read only a little at a time. */
    boolean isScarce() {
        return bytes <= MOST_SHARED;
    }

    /**
     * Sets the limits of {@code channel}. It becomes unwritable above the limit. The kernel doubles the size of its
     * buffer (socket(7)). TLS records to a caller are no longer than the limit. The receive buffer stays as it is,
     * because the kernel would drop data that the peer was allowed to send.
     */
    public void setLimits(Channel channel) {
        int share = bytes;
        int before = channel.config().getWriteBufferHighWaterMark();
        if (share != before && channel.isOpen()) {
            channel.config().setWriteBufferWaterMark(waterMark(share));
            channel.config().setOption(ChannelOption.SO_SNDBUF, share == MOST ? AMPLE : share);
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            if (tls != null && channel.parent() != null) { // UpstreamRequestEncoder counts on whole records
                tls.setWrapDataSize(Math.min(MOST_SHARED, share));
            }
        }
    }

    /**
     * Sets the limits of the connections that {@code upstream} will make, if many callers are connected. A connection
     * whose receive buffer is small from the beginning can never receive fast (RFC 7323, section 2.2).
     */
    public void setLimits(Bootstrap upstream) {
        int share = bytes;
        if (isScarce()) {
            upstream.option(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark(share))
                    .option(ChannelOption.SO_SNDBUF, share)
                    .option(ChannelOption.SO_RCVBUF, share);
        }
    }

    /** Limits the receive buffer of {@code upstream}, which has received only a TLS handshake. */
    public void limitReceiving(Channel upstream) {
        Integer size = upstream.config().getOption(ChannelOption.SO_RCVBUF);
        if (bytes < MOST && size != null && size > LARGE) {
            upstream.config().setOption(ChannelOption.SO_RCVBUF, LARGE);
        }
    }

    /** With many connections, more is written only after everything was sent, so at most one TLS record waits. */
    private static WriteBufferWaterMark waterMark(int share) {
        return new WriteBufferWaterMark(share > MOST_SHARED ? share / 2 : 1, share);
    }

    private int share() {
        if (connections <= SEVERAL) {
            return connections <= FEW ? MOST : LARGE;
        }
        return Math.max(LEAST, Math.min(MOST_SHARED, Integer.highestOneBit(TOTAL / connections)));
    }
}
