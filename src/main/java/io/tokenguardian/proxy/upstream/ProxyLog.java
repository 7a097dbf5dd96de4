package io.tokenguardian.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.concurrent.FailureLine;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Logs each decision about a request at DEBUG, one line each: {@code request=ID event=WORD KEY=VALUE …}. While DEBUG is
 * off, this costs only a check of the level. No line contains a header or a query, because either may contain a secret.
 */
public final class ProxyLog {

    private static final Logger LOG = Logger.getLogger("io.tokenguardian.proxy");

    public boolean isOn() {
        return LOG.isDebugEnabled();
    }

    /**
     * Logs a line about {@code request}. Callers check {@link #isOn()} first if the argument {@code what} is costly to
     * build.
     */
    public void event(String request, String what) {
        LOG.debugf("request=%s event=%s", request, what);
    }

    /**
     * Logs that a connection to a caller or to the API server has failed. The outcome of its request is logged
     * separately.
     */
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

    /** Logs that a connection to a replica's own address failed and that another address is tried. */
    void replicaFailed(ApiServerAddress address, String detail) {
        LOG.debugf("replica=%s event=failed detail=%s", address, detail);
    }

    /**
     * Includes the message only for an I/O error, because other messages may quote bytes that were sent over the
     * connection.
     */
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
