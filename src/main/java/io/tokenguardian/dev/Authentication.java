package io.tokenguardian.dev;

import java.util.List;

/** What a replica makes of the credential that a request came with. */
sealed interface Authentication {

    /**
     * A token that was found good.
     *
     * @param audiences those that it was asked about for, and is for
     */
    record Authenticated(User user, List<String> audiences) implements Authentication {}

    /**
     * 401.
     *
     * @param cause what the server's log says, and a TokenReview, but never the client's answer
     */
    record Refused(String cause) implements Authentication {}
}
