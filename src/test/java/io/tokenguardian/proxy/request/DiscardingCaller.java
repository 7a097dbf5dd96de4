package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.Upstream;
import org.jspecify.annotations.Nullable;

/** A caller with one request and no connection. It reads the response at once, and discards it. */
public abstract class DiscardingCaller implements Caller {

    /** Called with the headers of the API server's response. */
    protected abstract void onHead(HttpResponse response);

    /** Called when a response has ended. */
    protected abstract void onEnd();

    /** Called if the proxy itself responds. */
    protected abstract void onFault(ProxyFault fault);

    @Override
    public final void writeHead(HttpResponse response, boolean toHead, boolean keepAlive) {
        onHead(response);
    }

    @Override
    public final boolean write(HttpContent content) {
        content.release();
        return true;
    }

    @Override
    public final void writeLast(Object last) {
        ReferenceCountUtil.release(last);
        onEnd();
    }

    @Override
    public final void respond(ProxyFault fault, @Nullable String detail, boolean toHead, boolean keepAlive) {
        onFault(fault);
    }

    @Override
    public final void close() {
        onFault(ProxyFault.UPSTREAM_BROKE);
    }

    @Override
    public final String id() {
        return "caller";
    }

    @Override
    public final boolean writeInformational(HttpResponse response) {
        return true;
    }

    @Override
    public final void setBodyWanted(boolean wanted) {}

    @Override
    public final void flush() {}

    @Override
    public final void openTunnel(Upstream upstream, HttpResponse response) {}
}
