package io.tokenguardian.verdict;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one token is judged by.
 *
 * @param window when a replica accepts it, on that replica's clock
 * @param issuedAt {@code iat}; null when the token has none
 * @param confirmations how many fresh connections in a row must be accepted; at least 1
 * @param youngToken up to this age, on the replica's clock, a refusal without explanation is asked about once more: a
 *     replica may lag behind the one that knows the new account
 */
public record Terms(ValidityWindow window, @Nullable Instant issuedAt, int confirmations, Duration youngToken) {

    /** The terms for {@code token} under these rules. */
    public static Terms of(Token token, Rules rules) {
        return new Terms(
                ValidityWindow.of(token, rules.leeway()),
                token.claims().issuedAt(),
                rules.confirmations(),
                rules.youngToken());
    }

    /**
     * The rules that hold for every token.
     *
     * @param leeway the API server's, on {@code nbf}, {@code iat} and {@code exp}
     * @param confirmations see {@link Terms}
     * @param youngToken see {@link Terms}
     */
    public record Rules(Duration leeway, int confirmations, Duration youngToken) {}

    /** The same terms with another number of confirmations. */
    public Terms confirmedBy(int count) {
        return new Terms(window, issuedAt, count, youngToken);
    }

    boolean isYoungAt(@Nullable Instant date) {
        return date != null && issuedAt != null && date.isBefore(issuedAt.plus(youngToken));
    }
}
