package io.tokenguardian.listener;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/** Several handlers may pause a listener. It accepts connections again once all have resumed it. Thread-safe. */
final class AcceptPauses {
    private static final AttributeKey<AcceptPauses> OF_LISTENER = AttributeKey.valueOf(AcceptPauses.class, "pauses");

    private final Channel listener;
    private int pauses;

    private AcceptPauses(Channel listener) {
        this.listener = listener;
    }

    static AcceptPauses of(Channel listener) {
        AcceptPauses made = new AcceptPauses(listener);
        AcceptPauses present = listener.attr(OF_LISTENER).setIfAbsent(made);
        return present == null ? made : present;
    }

    synchronized void pause() {
        pauses++;
        listener.config().setAutoRead(false);
    }

    synchronized void resume() {
        pauses--;
        if (pauses == 0 && listener.isOpen()) {
            listener.config().setAutoRead(true);
        }
    }
}
