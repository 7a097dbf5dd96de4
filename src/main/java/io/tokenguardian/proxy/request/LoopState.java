package io.tokenguardian.proxy.request;

import io.netty.util.AsciiString;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/** What the requests of one event loop share. */
public final class LoopState {

    private final UpstreamPool pool;
    private final int most;

    /** The number of requests under way whose bodies are incomplete, and of tunnels. */
    private int uploads;

    private @Nullable Token bearerOf;
    private AsciiString bearer = AsciiString.EMPTY_STRING;
    private boolean draining;

    /** @param most the most connections of the pool */
    public LoopState(UpstreamPool pool, int most) {
        this.pool = pool;
        this.most = most;
    }

    public UpstreamPool pool() {
        return pool;
    }

    /** Returns the value of {@code Authorization}. Keeps the last value, so that few requests have to build it. */
    AsciiString bearer(Token token) {
        if (!token.equals(bearerOf)) {
            bearerOf = token;
            bearer = new AsciiString("Bearer " + token.bearer());
        }
        return bearer;
    }

    /**
     * Whether a third of the connections carry incomplete bodies or tunnels. Each of these may keep 50 KiB more in the
     * kernel, because Linux fills a segment before it looks at the limit of the socket ({@code tcp_sendmsg}).
     */
    boolean hasManyUploads() {
        return 3 * uploads >= most;
    }

    /** Called when an incomplete body or a tunnel begins to be sent (1), and when it ends (-1). */
    void countUpload(int change) {
        uploads += change;
    }

    /** From now on, no request waits. The callers' handlers fail the waiting requests. */
    public void drain() {
        draining = true;
    }

    public boolean isDraining() {
        return draining;
    }
}
