package io.tokenguardian.verdict;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The validity window and the rules by which one token is judged.
 *
 * @param window when a replica accepts the token, on that replica's clock
 * @param issuedAt {@code iat}; null if the token has none
 * @param confirmations how many fresh connections in a row must accept the token; at least 1
 * @param youngToken a token up to this age, on the replica's clock, is probed again once after an unexplained refusal:
 *     the replica may not know the new account
 */
public record TokenTerms(ValidityWindow window, @Nullable Instant issuedAt, int confirmations, Duration youngToken) {

    /** The terms for {@code token} under this policy. */
    public static TokenTerms of(Token token, AcceptancePolicy policy) {
        return new TokenTerms(
                ValidityWindow.of(token, policy.leeway()),
                token.claims().issuedAt(),
                policy.confirmations(),
                policy.youngToken());
    }

    /**
     * The rules for every token.
     *
     * @param leeway the API server's leeway for {@code nbf}, {@code iat} and {@code exp}
     * @param confirmations see {@link TokenTerms}
     * @param youngToken see {@link TokenTerms}
     */
    public record AcceptancePolicy(Duration leeway, int confirmations, Duration youngToken) {}

    /** The same terms with another number of confirmations. */
    public TokenTerms withConfirmations(int count) {
        return new TokenTerms(window, issuedAt, count, youngToken);
    }

    boolean isYoungAt(@Nullable Instant date) {
        return date != null && issuedAt != null && date.isBefore(issuedAt.plus(youngToken));
    }
}
