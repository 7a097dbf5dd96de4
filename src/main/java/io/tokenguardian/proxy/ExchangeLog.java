package io.tokenguardian.proxy;

import org.jspecify.annotations.Nullable;

/** The log of one request's life: one line for each event, at DEBUG. */
final class ExchangeLog {

    private final ProxyLog log;
    private final @Nullable String id;

    /** @param number the request's number on its connection, from 1 */
    ExchangeLog(ProxyLog log, CallerHandler caller, int number) {
        this.log = log;
        this.id = log.isOn() ? caller.id() + "-" + number : null;
    }

    /** Whether the request is logged. A text that has to be put together is made only then. */
    boolean isOn() {
        return id != null;
    }

    void event(String event) {
        if (id != null) {
            log.event(id, event);
        }
    }
}
