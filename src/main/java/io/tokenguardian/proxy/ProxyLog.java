package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy does with each request, a line for each decision, at DEBUG: {@code request=ID event=WORD KEY=VALUE …}. Costs one
 * look at the level while that is off. No line has a header or a query in it, since either may hold a secret.
 */
final class ProxyLog {

    private static final Logger LOG = Logger.getLogger("io.tokenguardian.proxy");

    boolean isOn() {
        return LOG.isDebugEnabled();
    }

    /** A line about {@code request}; callers ask {@link #isOn()} first where making {@code what} costs anything. */
    void event(String request, String what) {
        LOG.debugf("request=%s event=%s", request, what);
    }

    /** A connection of either side that broke; what became of its request has a line of its own. */
    void connectionFailed(Channel channel, @Nullable Throwable cause) {
        if (LOG.isDebugEnabled()) {
            LOG.debugf("connection=%s event=failed cause=%s", channel.id().asShortText(), text(cause));
        }
    }

    /** Only of errors of the connection itself is the message free of what was sent over it. */
    private static String text(@Nullable Throwable cause) {
        if (cause == null) {
            return "unknown";
        }
        String kind = cause.getClass().getSimpleName();
        return cause instanceof IOException && !(cause instanceof NotSslRecordException)
                ? kind + ": " + cause.getMessage()
                : kind;
    }
}
