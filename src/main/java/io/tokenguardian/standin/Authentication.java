package io.tokenguardian.standin;

/** The result of a replica's credential check. */
sealed interface Authentication {

    /** The token is valid. */
    record Authenticated(User user) implements Authentication {}

    /**
     * The token is refused with a 401.
     *
     * @param cause the reason. It appears in the server's log, but never in the response to the client
     */
    record Refused(String cause) implements Authentication {}
}
