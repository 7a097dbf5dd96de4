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

/** The log of failed connections. The outcome of a connection's request is logged separately. */
public final class ProxyLog {

    private static final Logger LOG = Logger.getLogger("io.tokenguardian.proxy");

    private ProxyLog() {}

    /** Logs the failure of a caller's or an upstream's connection. */
    public static void connectionFailed(Channel channel, @Nullable Throwable cause) {
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
