package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tokenguardian.apiserver.HttpDate;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.RefusalCause;
import io.tokenguardian.verdict.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to do about a 401. Pure: it depends only on the response's own {@code Date}, the claims of the token
 * that was sent, the tokens that are usable now, the times of request and response, and earlier retries. It is not
 * asked about a 401 that may be a backend's ({@link BackendPaths}).
 *
 * @param leeway the API server's leeway on the token's times
 * @param youngToken below this age of the token, an unexplained refusal may come from a replica that does not know the
 *     service account or the pod yet
 */
record RetryPolicy(Duration leeway, Duration youngToken) {

    /** The most retries of a request whose 401 is dated in the very second in which the token becomes valid. */
    static final int MAX_CROSSINGS = 2;

    /** The most retries after 401s by replicas that call the token expired, for each usable token. */
    static final int MAX_EXPIRED = 8;

    /** The retries that one request has had. */
    record History(int crossings, int expired, boolean triedOtherToken, boolean triedNewConnection) {
        static final History NONE = new History(0, 0, false, false);

        History plusCrossing() {
            return new History(crossings + 1, expired, triedOtherToken, triedNewConnection);
        }

        History plusExpired() {
            return new History(crossings, expired + 1, triedOtherToken, triedNewConnection);
        }

        History withOtherToken() {
            return new History(crossings, expired, true, triedNewConnection);
        }

        History withNewConnection() {
            return new History(crossings, expired, triedOtherToken, true);
        }
    }

    /** The request is sent again. */
    sealed interface Retry {
        /** The reason that metrics and log give. */
        RetryReason reason();

        /** Returns the history with this retry added. */
        default History after(History before) {
            return before;
        }

        /** What the 401 says about the replica's clock and the token {@code sent}; null if it says nothing. */
        default @Nullable TokenRefusal refusal(Token sent) {
            return null;
        }

        /** Whether the request must go out on a new connection. */
        default boolean needsNewConnection() {
            return false;
        }
    }

    /** A retry at once, with a token that is usable now. */
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

    /**
     * A retry at once, on the same connection if the request is complete: the token became valid just after the server
     * checked it.
     */
    record SameConnection() implements Retry {
        @Override
        public RetryReason reason() {
            return RetryReason.CROSSING;
        }

        @Override
        public History after(History before) {
            return before.plusCrossing();
        }
    }

    /** A retry at once on a new connection, which may lead to another replica. */
    record NewConnection() implements Retry {
        @Override
        public RetryReason reason() {
            return RetryReason.UNEXPLAINED;
        }

        @Override
        public History after(History before) {
            return before.withNewConnection();
        }

        @Override
        public boolean needsNewConnection() {
            return true;
        }
    }

    /**
     * A retry on another connection, or over this one with another token or after {@code validityStart}: this replica's
     * clock is before the token's start.
     */
    record NotYetValid(ValidityStart validityStart) implements Retry {
        @Override
        public RetryReason reason() {
            return RetryReason.NOT_YET_VALID;
        }

        @Override
        public TokenRefusal refusal(Token sent) {
            return new TokenRefusal(sent, validityStart);
        }
    }

    /** A retry on another connection, or with another token: this replica's clock is past the token's end. */
    record Expired() implements Retry {
        @Override
        public RetryReason reason() {
            return RetryReason.EXPIRED;
        }

        @Override
        public History after(History before) {
            return before.plusExpired();
        }

        @Override
        public TokenRefusal refusal(Token sent) {
            return new TokenRefusal(sent, null);
        }
    }

    /**
     * Decides what to do about one 401.
     *
     * @param sent the token that was refused
     * @param usable the tokens that some replica accepts now
     * @param response the 401's headers
     * @param sentAt when the request was sent, in nanoseconds on the monotonic clock
     * @param arrivedAt when the response's head arrived, on the same clock
     * @return the retry; null if the caller gets the 401 as it is
     */
    @Nullable
    Retry judge(Token sent, List<Token> usable, HttpHeaders response, long sentAt, long arrivedAt, History history) {
        if (!usable.isEmpty() && !usable.contains(sent) && !history.triedOtherToken()) {
            return new OtherToken();
        }
        Instant date = HttpDate.parse(response.getAll(HttpHeaderNames.DATE));
        if (date == null) {
            return null;
        }
        ValidityWindow window = ValidityWindow.of(sent, leeway);
        return switch (RefusalCause.of(window, date)) {
            case NOT_YET_VALID -> early(window, date, sentAt, arrivedAt);
            case CROSSING -> history.crossings() < MAX_CROSSINGS ? new SameConnection() : null;
            // A replica may call one usable token after the other expired, over one connection.
            case EXPIRED -> history.expired() < MAX_EXPIRED * usable.size() ? new Expired() : null;
            case OTHER -> isYoung(sent, date) && !history.triedNewConnection() ? new NewConnection() : null;
        };
    }

    /** Whether the replica's clock explains its 401, so that another replica may accept the token. */
    boolean isByClock(Token sent, HttpHeaders response) {
        Instant date = HttpDate.parse(response.getAll(HttpHeaderNames.DATE));
        return date != null && RefusalCause.of(ValidityWindow.of(sent, leeway), date) != RefusalCause.OTHER;
    }

    private static @Nullable Retry early(ValidityWindow window, Instant date, long sentAt, long arrivedAt) {
        Instant from = window.from();
        return from == null ? null : new NotYetValid(ValidityStart.of(from, date, sentAt, arrivedAt));
    }

    private boolean isYoung(Token token, Instant date) {
        Instant issuedAt = token.claims().issuedAt();
        return issuedAt != null && Duration.between(issuedAt, date).compareTo(youngToken) < 0;
    }
}
