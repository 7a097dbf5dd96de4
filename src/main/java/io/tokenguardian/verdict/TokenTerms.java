package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The validity window and the rules by which one token is judged. */
public record TokenTerms(ValidityWindow window, @Nullable Instant issuedAt, int confirmations) {
    public static final TokenTerms NONE = new TokenTerms(ValidityWindow.UNBOUNDED, null, 0);

    /** Up to this age, a refusal is probed once more: a replica whose watch lags may not know the account yet. */
    public static final Duration YOUNG = Duration.ofSeconds(10);

    /** How long an API server caches acceptances, even past the window (docs/api-server.md, Authentication cache). */
    private static final Duration SUCCESS_CACHE_TTL = Duration.ofSeconds(10);

    /** The maximum difference between two clocks of a control plane. Larger differences are not supported. */
    private static final Duration FARTHEST_CLOCKS = Duration.ofMinutes(10);

    /** The tolerated probability that a replica remains unreached: one in a thousand. */
    private static final double MISSED = 0.001;

    /** More than any control plane has. If more clocks are distinguished, one replica's clock is jumping. */
    private static final int MOST_REPLICAS = 7;

    public static TokenTerms of(Token token, AcceptancePolicy policy) {
        return new TokenTerms(
                ValidityWindow.of(token, policy.leeway()), token.claims().issuedAt(), policy.confirmations());
    }

    /** The rules for every token. {@code leeway} is the API server's for {@code nbf}, {@code iat} and {@code exp}. */
    public record AcceptancePolicy(Duration leeway, int confirmations) {}

    /** Returns what a result shows, whatever others do. Without a {@code Date}, a 401 is judged by the local time. */
    public Finding read(ProbeResult result) {
        if (result.outcome() instanceof ProbeOutcome.Authenticated) {
            return Finding.ACCEPTED;
        }
        if (!(result.outcome() instanceof ProbeOutcome.Unauthorized)) {
            return Finding.UNREACHABLE;
        }
        return window.refusedAt(result.date() == null ? result.receivedAt() : result.date());
    }

    /**
     * Returns how many connections to one address rule out a further replica behind it: 10 if {@code met} is one, 18
     * for two, 25 for three. kube-proxy assigns each new connection to a random replica (docs/api-server.md, TLS and
     * addresses).
     */
    public static int connectionsToRuleOut(int met) {
        if (met == 0) {
            return 0;
        }
        double replicas = Math.min(met, MOST_REPLICAS);
        return (int) Math.ceil(Math.log(MISSED) / Math.log(replicas / (replicas + 1)));
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

    /** Returns when every replica whose clock is right refuses the token again; {@link Instant#MAX} if never. */
    public Instant overAt() {
        return window.until() == null ? Instant.MAX : window.until().plus(SUCCESS_CACHE_TTL);
    }

    boolean isYoungAt(@Nullable Instant date) {
        return date != null && issuedAt != null && date.isBefore(issuedAt.plus(YOUNG));
    }
}
