package io.tokenguardian.standin;

import java.util.List;

/** The result of a replica's credential check. */
sealed interface Authentication {

    /**
     * The token is valid.
     *
     * @param audiences which of the requested audiences the token is for
     */
    record Authenticated(User user, List<String> audiences) implements Authentication {}

    /**
     * The token is refused with a 401.
     *
     * @param cause the reason. It appears in the server's log and in a TokenReview, but never in the response to the
     *     client
     */
    record Refused(String cause) implements Authentication {}
}
