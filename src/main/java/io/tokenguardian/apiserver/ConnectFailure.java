package io.tokenguardian.apiserver;

/**
 * Why no connection to the API server could be made. No request was sent.
 *
 * @param explanation one line for a person, without secrets
 */
public record ConnectFailure(Kind kind, String explanation) {

    /** Whether another attempt can help. */
    public enum Kind {
        /** Refused, reset or closed before the end of the TLS handshake. Another attempt may reach another replica. */
        REFUSED,

        /**
         * No answer within the timeout. The next address is tried, but this address not again: that would double the
         * wait.
         */
        SILENT,

        /** No route to this address. There may be one to another address. */
        NO_ROUTE,

        /** A person must act: the cause is the server's certificate or protocol, the CA file, or this process. */
        FINAL
    }
}
