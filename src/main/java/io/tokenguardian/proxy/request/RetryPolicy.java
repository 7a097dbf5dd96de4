package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tokenguardian.apiserver.HttpDate;
import io.tokenguardian.proxy.upstream.TokenRefusal;
import io.tokenguardian.proxy.upstream.ValidityStart;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.RefusalCause;
import io.tokenguardian.verdict.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether to retry after a 401, purely from the 401, the claims of the token sent, the usable tokens, and
 * earlier retries. Not used for a 401 that may be a backend's ({@link BackendPaths}). A 401 that no clock explains may
 * be about the request instead of the token, because admission may also respond with 401.
 */
record RetryPolicy(Duration leeway) {

    /** The most retries after 401s dated in the second in which the token becomes valid. */
    static final int MAX_CROSSINGS = 2;

    /** For each usable token, the most retries after refusals that do not end by waiting. */
    static final int MAX_ELSEWHERE = 16;

    /**
     * @param sent the token that was refused
     * @param arrivedAt when the response's headers arrived
     * @param toProof whether the request was a {@link Proof}; the 401 is then about the token
     */
    record Unauthorized(Token sent, HttpHeaders headers, long sentAt, long arrivedAt, boolean toProof) {

        private @Nullable Instant date() {
            return HttpDate.parse(headers.getAll(HttpHeaderNames.DATE));
        }
    }

    /**
     * @param proofNeeded whether a {@link Proof} must precede the request, because no clock explains a 401
     * @param proven whether a {@link Proof} has got any response other than a 401 that a retry may fix
     */
    record History(int crossings, int elsewhere, boolean triedOtherToken, boolean proofNeeded, boolean proven) {
        static final History NONE = new History(0, 0, false, false, false);

        History plusCrossing() {
            return new History(crossings + 1, elsewhere, triedOtherToken, proofNeeded, proven);
        }

        History plusElsewhere() {
            return new History(crossings, elsewhere + 1, triedOtherToken, proofNeeded, proven);
        }

        History withOtherToken() {
            return new History(crossings, elsewhere, true, proofNeeded, proven);
        }

        History withProofNeeded() {
            return new History(crossings, elsewhere, triedOtherToken, true, proven);
        }

        History withProof() {
            return new History(crossings, elsewhere, triedOtherToken, proofNeeded, true);
        }
    }

    sealed interface Retry {
        RetryReason reason();

        default History after(History before) {
            return before;
        }

        /** What the 401 shows about the replica; null for nothing. */
        default @Nullable TokenRefusal refusal() {
            return null;
        }

        /** Whether the retry uses the same connection, if the request is complete. */
        default boolean overSameConnection() {
            return false;
        }
    }

    record OtherToken() implements Retry {
        @Override
        public RetryReason reason() {
            return RetryReason.OTHER_TOKEN;
        }

        @Override
        public History after(History before) {
            return before.withOtherToken();
        }
    }

    /** An immediate retry over the same connection, because the token became valid just after the server checked it. */
    record SameConnection() implements Retry {
        @Override
        public RetryReason reason() {
            return RetryReason.CROSSING;
        }

        @Override
        public History after(History before) {
            return before.plusCrossing();
        }

        @Override
        public boolean overSameConnection() {
            return true;
        }
    }

    /** A retry over the same connection after a {@link Proof}, which shows whether the 401 is about the token. */
    record AfterProof() implements Retry {
        @Override
        public RetryReason reason() {
            return RetryReason.UNEXPLAINED;
        }

        @Override
        public History after(History before) {
            return before.withProofNeeded();
        }

        @Override
        public boolean overSameConnection() {
            return true;
        }
    }

    /** A retry over another connection, with another token, or over this connection after its {@link ValidityStart}. */
    record NotYetValid(TokenRefusal refusal) implements Retry {
        @Override
        public RetryReason reason() {
            return RetryReason.NOT_YET_VALID;
        }
    }

    /** A retry over another connection or with another token: this replica refuses the token for another reason. */
    record Elsewhere(RetryReason reason, TokenRefusal refusal) implements Retry {
        @Override
        public History after(History before) {
            return before.plusElsewhere();
        }
    }

    /**
     * Returns the retry; null if the caller gets the 401.
     *
     * @param usable the tokens that some replica accepts now
     */
    @Nullable
    Retry judge(Unauthorized refused, List<Token> usable, History history) {
        boolean isUsable = usable.contains(refused.sent());
        if (!usable.isEmpty() && !isUsable && !history.triedOtherToken()) {
            return new OtherToken();
        }
        RefusalCause cause = cause(refused);
        if (cause == RefusalCause.NOT_YET_VALID) {
            return new NotYetValid(refusal(refused));
        }
        if (cause == RefusalCause.CROSSING && history.crossings() < MAX_CROSSINGS) {
            return new SameConnection();
        }
        if (!isUsable) {
            return null;
        }
        boolean expired = cause == RefusalCause.EXPIRED;
        if (!expired && !refused.toProof()) {
            return history.proven() ? null : new AfterProof();
        }
        return history.elsewhere() < MAX_ELSEWHERE * usable.size()
                ? new Elsewhere(expired ? RetryReason.EXPIRED : RetryReason.UNEXPLAINED, refusal(refused))
                : null;
    }

    /** What a 401 shows about the replica, provided the 401 is about the token. */
    TokenRefusal refusal(Unauthorized refused) {
        Instant date = refused.date();
        Instant from = window(refused).from();
        if (date == null || from == null || cause(refused) != RefusalCause.NOT_YET_VALID) {
            return TokenRefusal.forAnotherReason(refused.sent(), refused.arrivedAt());
        }
        ValidityStart start = ValidityStart.of(from, date, refused.sentAt(), refused.arrivedAt());
        return TokenRefusal.notYetValid(refused.sent(), start, refused.arrivedAt());
    }

    boolean isByClock(Unauthorized refused) {
        return cause(refused) != RefusalCause.OTHER;
    }

    private RefusalCause cause(Unauthorized refused) {
        Instant date = refused.date();
        return date == null ? RefusalCause.OTHER : RefusalCause.of(window(refused), date);
    }

    private ValidityWindow window(Unauthorized refused) {
        return ValidityWindow.of(refused.sent(), leeway);
    }
}
