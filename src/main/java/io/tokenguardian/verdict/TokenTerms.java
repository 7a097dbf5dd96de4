package io.tokenguardian.verdict;

import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The validity window and the rules by which one token is judged.
 *
 * @param confirmations on how many consecutive new connections the token must be accepted; at least 1
 * @param connections how many responses over new connections make it likely that all replicas were reached; 0 for none
 */
public record TokenTerms(ValidityWindow window, @Nullable Instant issuedAt, int confirmations, int connections) {
    /** Up to this age, a refusal is probed once more: a replica whose watch lags may not know the account yet. */
    public static final Duration YOUNG = Duration.ofSeconds(10);

    /** The maximum difference between two clocks of a control plane. Larger differences are not supported. */
    private static final Duration FARTHEST_CLOCKS = Duration.ofMinutes(10);

    public static TokenTerms of(Token token, AcceptancePolicy policy) {
        return new TokenTerms(
                ValidityWindow.of(token, policy.leeway()), token.claims().issuedAt(), policy.confirmations(), 0);
    }

    /** The rules for every token. {@code leeway} is the API server's for {@code nbf}, {@code iat} and {@code exp}. */
    public record AcceptancePolicy(Duration leeway, int confirmations) {}

    /** Returns a copy of these terms for {@code count} replicas that are probed one after the other. */
    public TokenTerms withReplicas(int count) {
        return new TokenTerms(window, issuedAt, count, 0);
    }

    public TokenTerms withConnections(int count) {
        return new TokenTerms(window, issuedAt, confirmations, count);
    }

    /**
     * Whether a replica whose clock differs from {@code date} by at most ten minutes may have issued the token just
     * now, and would therefore accept it. {@code date} is the time on another replica's clock.
     */
    public boolean mayBeIssuedNow(@Nullable Instant date) {
        return date == null
                || issuedAt == null
                || Duration.between(issuedAt, date).abs().compareTo(FARTHEST_CLOCKS) <= 0;
    }

    /**
     * Whether a replica whose clock differs from {@code date} by at most ten minutes may be outside the validity
     * window, and would therefore refuse the token.
     */
    public boolean mayBeRefusedBySomeClock(@Nullable Instant date) {
        Instant from = window.from();
        Instant until = window.until();
        return date == null
                || (from != null && date.minus(FARTHEST_CLOCKS).isBefore(from))
                || (until != null && date.plus(FARTHEST_CLOCKS).isAfter(until));
    }

    boolean isYoungAt(@Nullable Instant date) {
        return date != null && issuedAt != null && date.isBefore(issuedAt.plus(YOUNG));
    }
}
