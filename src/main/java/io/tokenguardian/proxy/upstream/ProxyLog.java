package io.tokenguardian.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.tokenguardian.concurrent.FailureLine;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Logs each decision about a request at DEBUG: {@code request=ID event=WORD KEY=VALUE …}. No line contains a header or
 * a query, because either may contain a secret.
 */
public final class ProxyLog {

    private static final Logger LOG = Logger.getLogger("io.tokenguardian.proxy");

    public boolean isOn() {
        return LOG.isDebugEnabled();
    }

    /** Callers check {@link #isOn()} first if {@code what} is costly to build. */
    public void event(String request, String what) {
        LOG.debugf("request=%s event=%s", request, what);
    }

    /** Logs the failure of a caller's or an upstream's connection. The outcome of its request is logged separately. */
    public void connectionFailed(Channel channel, @Nullable Throwable cause) {
        Throwable unwrapped = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        if (unwrapped != null && isFault(unwrapped)) {
            LOG.errorf(
                    "connection=%s event=failed cause=%s",
                    channel.id().asShortText(), FailureLine.withoutMessages(unwrapped));
        } else if (LOG.isDebugEnabled()) {
            LOG.debugf("connection=%s event=failed cause=%s", channel.id().asShortText(), text(unwrapped));
        }
    }

    /** Whether {@code cause} is a fault in this program or a lack of memory, and not caused by the other end. */
    private static boolean isFault(Throwable cause) {
        return cause instanceof Error
                || (cause instanceof RuntimeException
                        && !(cause instanceof ChannelException || cause instanceof CodecException));
    }

    /** Includes the message only for an I/O error: other messages may quote bytes from the connection. */
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
