package io.tokenguardian.dev;

/** What a replica makes of the credential that a request came with. */
sealed interface Authentication {

    /** A token that was found good, or anonymous where that is allowed. */
    record Authenticated(User user) implements Authentication {}

    /**
     * 401.
     *
     * @param cause what the server's log says, and a TokenReview, but never the client's answer
     */
    record Refused(String cause) implements Authentication {}
}
