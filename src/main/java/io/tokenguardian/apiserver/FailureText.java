package io.tokenguardian.apiserver;

import io.netty.channel.ChannelException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.tokenguardian.apiserver.ConnectFailure.Kind;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Describes connection failures, each in one human-readable line. */
final class FailureText {

    /** {@code HTTP/} in hex, as in Netty's message about received bytes that are not a TLS record. */
    private static final String HTTP_IN_HEX = "485454502f";

    /** A proxy's status for a fault of the connection between the proxy and the API server. */
    private static final Pattern BEHIND_PROXY = Pattern.compile("status: (50[234]|CONNECTION_REFUSED)");

    private FailureText() {}

    static ConnectFailure lookingUp(ApiServerAddress address) {
        return new ConnectFailure(
                Kind.REFUSED, "the name %s can't be resolved to an address".formatted(address.tcpHost()));
    }

    static ConnectFailure lookingUp(ApiServerAddress address, Duration within) {
        return new ConnectFailure(
                Kind.SILENT,
                "the name %s was not resolved to an address within %s"
                        .formatted(address.tcpHost(), Timeouts.text(within)));
    }

    /** @param within the time limit of the name look-up and the TCP connection together */
    static ConnectFailure connecting(ApiServerAddress address, Duration within) {
        return noConnection(Kind.SILENT, address, " within " + Timeouts.text(within));
    }

    static ConnectFailure connecting(ApiServerAddress address, Throwable cause) {
        if (isReset(cause)) { // of an established connection
            return closedInHandshake(address);
        }
        if (cause instanceof RejectedExecutionException) {
            return noConnection(Kind.FINAL, address, ": this process is stopping");
        }
        if (cause instanceof ClosedChannelException) {
            return noConnection(Kind.FINAL, address, ": closed by this side");
        }
        if (cause instanceof ChannelException) {
            return noConnection(
                    Kind.FINAL,
                    address,
                    ": this process can't open a socket: " + root(cause).getMessage());
        }
        return noConnection(Kind.REFUSED, address, ": " + root(cause).getMessage());
    }

    private static ConnectFailure noConnection(Kind kind, ApiServerAddress address, String why) {
        return new ConnectFailure(kind, "no connection to " + address.tcpPeer() + why);
    }

    /** For a CA file that can't be used, or a TLS context that Java can't create, as without random numbers. */
    static ConnectFailure settingUpTls(ApiServerAddress address, Throwable thrown) {
        if (thrown instanceof IOException) {
            return new ConnectFailure(Kind.FINAL, String.valueOf(thrown.getMessage()));
        }
        Throwable root = root(thrown);
        return new ConnectFailure(
                Kind.FINAL,
                "no connection to %s: this process can't set up TLS: %s"
                        .formatted(address, root.getMessage() == null ? root : root.getMessage()));
    }

    static ConnectFailure handshaking(ApiServerAddress address, TlsSetup tls, Throwable cause) {
        CertificateException untrusted = causeOf(cause, CertificateException.class);
        if (untrusted != null) {
            return new ConnectFailure(
                    Kind.FINAL,
                    "the certificate of %s is not trusted with %s: %s"
                            .formatted(address, tls.authority(), root(untrusted).getMessage()));
        }
        ProxyConnectException byProxy = causeOf(cause, ProxyConnectException.class);
        if (byProxy != null) {
            return proxying(address, String.valueOf(byProxy.getMessage()));
        }
        if (cause instanceof SslHandshakeTimeoutException) {
            return new ConnectFailure(
                    Kind.SILENT,
                    "%s accepted the connection, but did not complete the TLS handshake within %s"
                            .formatted(address, Timeouts.text(tls.timeout())));
        }
        if (cause instanceof NotSslRecordException) {
            String what = says(cause, HTTP_IN_HEX) ? "plain HTTP, not TLS" : "something that is not TLS";
            return new ConnectFailure(Kind.FINAL, "%s answered in %s".formatted(address, what));
        }
        return isClosed(cause)
                ? closedInHandshake(address)
                : new ConnectFailure(Kind.FINAL, broken(address, cause, "during the TLS handshake"));
    }

    /** @param message Netty's message. After the last comma, it states a status, {@code timeout} or another cause */
    private static ConnectFailure proxying(ApiServerAddress address, String message) {
        String why = message.substring(message.lastIndexOf(", ") + 2);
        Kind kind = why.equals("timeout") ? Kind.SILENT : Kind.FINAL;
        return new ConnectFailure(
                BEHIND_PROXY.matcher(why).lookingAt() ? Kind.REFUSED : kind,
                "%s did not connect to %s: %s".formatted(address.tcpPeer(), address, why));
    }

    private static ConnectFailure closedInHandshake(ApiServerAddress address) {
        return new ConnectFailure(Kind.REFUSED, address + " closed the connection during the TLS handshake");
    }

    static UnreachableException exchanging(ApiServerAddress address, Throwable thrown) {
        Throwable cause = thrown.getCause() instanceof SSLException wrapped ? wrapped : thrown; // Netty may wrap it
        if (cause instanceof TooLongFrameException) {
            return new UnreachableException("%s sent a body of more than %d KiB, or headers of more than %d KiB"
                    .formatted(address, HttpsProbeConnection.MAX_BODY >> 10, HttpsProbeConnection.MAX_HEAD >> 10));
        }
        if (cause instanceof IOException || cause instanceof PrematureChannelClosureException) {
            return new UnreachableException(broken(address, cause, "before it answered"));
        }
        return new UnreachableException("%s did not answer in HTTP/1.1".formatted(address));
    }

    /** The message of an {@link SSLException} names the server's alert. Other messages may quote received bytes. */
    private static String broken(ApiServerAddress address, Throwable cause, String when) {
        String why = cause instanceof SSLException ? ": " + cause.getMessage() : "";
        return isClosed(cause)
                ? "%s closed the connection %s".formatted(address, when)
                : "the connection to %s failed %s%s".formatted(address, when, why);
    }

    private static boolean isReset(Throwable cause) {
        return says(cause, "Connection reset") || says(cause, "Broken pipe");
    }

    /** Whether closed or reset, because only timing decides which of the two is reported. */
    private static boolean isClosed(Throwable cause) {
        return isReset(cause) || cause instanceof ClosedChannelException || says(cause, "closed");
    }

    private static Stream<Throwable> causes(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause);
    }

    private static Throwable root(Throwable thrown) {
        return causes(thrown).reduce(thrown, (before, cause) -> cause);
    }

    private static <T extends Throwable> @Nullable T causeOf(Throwable thrown, Class<T> type) {
        return causes(thrown)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElse(null);
    }

    private static boolean says(Throwable thrown, String words) {
        return causes(thrown)
                .anyMatch(cause -> String.valueOf(cause.getMessage()).contains(words));
    }
}
