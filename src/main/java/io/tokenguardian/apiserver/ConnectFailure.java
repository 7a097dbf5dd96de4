package io.tokenguardian.apiserver;

/**
 * Why there is no connection to the API server. Nothing was sent over it.
 *
 * @param explanation one line for a person; holds no secret
 */
public record ConnectFailure(Kind kind, String explanation) {

    /** What a further attempt could change. */
    public enum Kind {
        /** Refused, reset or closed before the end of the TLS handshake: another attempt may be led to another replica. */
        REFUSED,

        /** No answer within the timeout; another attempt would double the wait. */
        SILENT,

        /** There is no way to this address; there may be one to another. */
        NO_ROUTE,

        /** A person has to do something: the server's certificate or protocol, the CA file, or this process is at fault. */
        FINAL
    }
}
