package io.tokenguardian.apiserver;

/** Why no connection could be made, in one human-readable line without secrets. No request was sent. */
public record ConnectFailure(Kind kind, String explanation) {

    public enum Kind {
        /** Refused, reset or closed before the end of the TLS handshake. Another attempt may reach another replica. */
        REFUSED,

        /** No response within the timeout. */
        SILENT,

        /** A person must fix the cause: the server's certificate or protocol, the CA file, or this process. */
        FINAL
    }
}
