package io.tokenguardian.apiserver;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The table from what went wrong with a connection to the one line that a person reads. */
final class Fault {

    /** {@code HTTP/} in hex, as Netty shows what it got in place of a TLS record. */
    private static final String HTTP_IN_HEX = "485454502f";

    private Fault() {}

    static UnreachableException connecting(ApiServerAddress address, Timeouts timeouts, Throwable cause) {
        String line;
        if (cause instanceof ConnectTimeoutException) { // before its superclass ConnectException
            line = "no connection to %s within %s".formatted(address, Timeouts.text(timeouts.connect()));
        } else if (cause instanceof NoRouteToHostException) {
            line = "no connection to %s: no route to it, or a firewall refuses".formatted(address);
        } else if (cause instanceof ConnectException && says(cause, "Connection refused")) {
            line = "no connection to %s: refused, nothing listens there".formatted(address);
        } else if (says(cause, "Network is unreachable")) {
            line = "no connection to %s: the network is unreachable".formatted(address);
        } else {
            line = "no connection to %s".formatted(address);
        }
        return new UnreachableException(line);
    }

    static UnreachableException handshaking(ApiServerAddress address, Timeouts timeouts, Throwable cause) {
        String line;
        RefusedCertificateException refused = refusedCertificate(cause);
        if (refused != null && refused.getMessage() != null) {
            line = refused.getMessage();
        } else if (cause instanceof SslHandshakeTimeoutException) {
            line = "%s took the connection, but ended no TLS handshake within %s"
                    .formatted(address, Timeouts.text(timeouts.connect()));
        } else if (cause instanceof NotSslRecordException) {
            line = says(cause, HTTP_IN_HEX)
                    ? "%s answered in plain HTTP, not TLS".formatted(address)
                    : "%s answered in something that is not TLS".formatted(address);
        } else {
            line = closedOrAlert(address, cause, "during the TLS handshake");
        }
        return new UnreachableException(line);
    }

    static UnreachableException exchanging(ApiServerAddress address, Throwable thrown) {
        Throwable cause = thrown.getCause() instanceof SSLException wrapped ? wrapped : thrown; // a DecoderException's
        if (cause instanceof TooLongFrameException) {
            return new UnreachableException("%s answered more than %d KiB, or a head of more than %d KiB"
                    .formatted(address, ExchangeHandler.MAX_BODY >> 10, TlsClient.MAX_HEAD >> 10));
        }
        if (cause instanceof IOException) {
            return new UnreachableException(closedOrAlert(address, cause, "before the answer was there"));
        }
        return new UnreachableException("%s answered in something that is not HTTP/1.1".formatted(address));
    }

    private static String closedOrAlert(ApiServerAddress address, Throwable cause, String when) {
        String alert = alert(cause);
        if (alert != null) {
            return "%s refused TLS: %s".formatted(address, alert);
        }
        if (says(cause, "Connection reset") || says(cause, "Broken pipe")) {
            return "%s reset the connection %s".formatted(address, when);
        }
        if (cause instanceof ClosedChannelException || says(cause, "closed")) {
            return "%s closed the connection %s".formatted(address, when);
        }
        return "the connection to %s failed %s".formatted(address, when);
    }

    /** The alert's name as the JDK tells it, such as {@code handshake_failure}. */
    private static @Nullable String alert(Throwable cause) {
        String prefix = "Received fatal alert: ";
        String message = cause instanceof SSLException ? cause.getMessage() : null;
        int at = message == null ? -1 : message.indexOf(prefix);
        return message == null || at < 0 ? null : message.substring(at + prefix.length());
    }

    private static @Nullable RefusedCertificateException refusedCertificate(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof RefusedCertificateException refused) {
                return refused;
            }
        }
        return null;
    }

    private static boolean says(Throwable cause, String words) {
        return cause.getMessage() != null && cause.getMessage().contains(words);
    }
}
