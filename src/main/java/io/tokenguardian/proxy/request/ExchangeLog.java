package io.tokenguardian.proxy.request;

import io.tokenguardian.proxy.upstream.ProxyLog;
import org.jspecify.annotations.Nullable;

/** The log of one request's life: one line for each event, at DEBUG. */
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

    /** Whether the request is logged. Callers check this before they build the text of a log line. */
    boolean isOn() {
        return id != null;
    }

    void event(String event) {
        if (id != null) {
            log.event(id, event);
        }
    }
}
