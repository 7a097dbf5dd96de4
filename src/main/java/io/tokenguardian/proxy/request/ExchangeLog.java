package io.tokenguardian.proxy.request;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.ProxyLog;
import org.jspecify.annotations.Nullable;

/** The log of one request's life: one line for each event, at DEBUG. Builds a line only if it is logged. */
final class ExchangeLog {

    private static final ExchangeLog OFF = new ExchangeLog(new ProxyLog(), null);

    private final ProxyLog log;
    private final @Nullable String id;

    private ExchangeLog(ProxyLog log, @Nullable String id) {
        this.log = log;
        this.id = id;
    }

    /** @param number the request's number on its connection, starting at 1 */
    static ExchangeLog of(ProxyLog log, Caller caller, int number) {
        return log.isOn() ? new ExchangeLog(log, caller.id() + "-" + number) : OFF;
    }

    void received(UpstreamRequest head) {
        if (isOn()) {
            event("received method=" + head.request().method() + " path=" + head.path());
        }
    }

    void sent(Channel connection) {
        if (isOn()) {
            event("sent connection=" + connection.id().asShortText() + " to=" + connection.remoteAddress());
        }
    }

    void refused(Channel connection, RetryReason retry) {
        if (isOn()) {
            event("refused connection=" + connection.id().asShortText() + " retry=" + retry.word());
        }
    }

    void upstreamBroke() {
        if (isOn()) {
            event("upstream-broke retry=" + RetryReason.CONNECTION_LOST.word());
        }
    }

    void relayed(HttpResponseStatus status, int retries) {
        if (isOn()) {
            event("relayed status=" + status.code() + " retries=" + retries);
        }
    }

    /** @param relaying whether the fault interrupts a response */
    void failed(boolean relaying, ProxyFault fault, @Nullable String detail) {
        if (isOn()) {
            event((relaying ? "cut" : "failed") + " fault=" + fault + " detail=" + detail);
        }
    }

    private boolean isOn() {
        return id != null;
    }

    /** @param event the text of the log line, which should cost nothing to build */
    void event(String event) {
        if (id != null) {
            log.event(id, event);
        }
    }
}
