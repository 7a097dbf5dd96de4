package io.tokenguardian.apiserver;

/**
 * Why no connection to the API server could be made. No request was sent.
 *
 * @param explanation one human-readable line, without secrets
 */
public record ConnectFailure(Kind kind, String explanation) {

    /** The kind of failure, which determines whether another attempt can help. */
    public enum Kind {
        /**
         * The connection was refused, reset or closed before the end of the TLS handshake. Another attempt may reach
         * another replica.
         */
        REFUSED,

        /**
         * No response arrived within the timeout. The address is not tried again after the timeout, because that would
         * double the wait.
         */
        SILENT,

        /** The network has no route to this address. Another address may be reachable. */
        NO_ROUTE,

        /** A person must fix the cause: the server's certificate or protocol, the CA file, or this process. */
        FINAL
    }
}
