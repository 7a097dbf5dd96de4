package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tokenguardian.apiserver.HttpDate;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.RefusalCause;
import io.tokenguardian.verdict.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What to do about a 401, from the answer's own {@code Date}, the claims of the token that was sent and what was done
 * before: pure, and the same for the backend of a {@code /proxy/} subresource, whose own 401 is dated inside the
 * token's window (docs/api-server.md, 401 responses).
 *
 * @param leeway the API server's
 * @param youngToken up to this age an unexplained refusal may be a replica that lags behind
 */
record RefusalJudge(Duration leeway, Duration youngToken) {

    /** So often a request is sent again because its answer was dated in the very second of {@code from}. */
    static final int MAX_CROSSINGS = 2;

    /** What one request has been through. */
    record History(int crossings, boolean triedOtherToken, boolean triedFresh) {
        static final History NONE = new History(0, false, false);

        History crossed() {
            return new History(crossings + 1, triedOtherToken, triedFresh);
        }

        History withOtherToken() {
            return new History(crossings, true, triedFresh);
        }

        History withFresh() {
            return new History(crossings, triedOtherToken, true);
        }
    }

    sealed interface Ruling {}

    /** The caller gets the 401 as it is. */
    record PassOn() implements Ruling {}

    /** Sent again at once, with the token that is in use by now. */
    record OtherToken() implements Ruling {}

    /** Sent again at once: the check was made before {@code from}, and it is past by now. */
    record AtOnce() implements Ruling {}

    /** Sent again at once, over a connection that may lead to another replica. */
    record Fresh() implements Ruling {}

    /** This replica is early; sent again elsewhere, or here after {@code crossing}. */
    record Early(Crossing crossing) implements Ruling {}

    private static final Ruling PASS_ON = new PassOn();

    /**
     * Says what to do next.
     *
     * @param sent the token that was refused
     * @param inUse the accepted token of now
     * @param answer the 401's headers
     * @param sentAt monotonic, when the request left
     * @param arrivedAt monotonic, when the head came
     */
    Ruling judge(Token sent, @Nullable Token inUse, HttpHeaders answer, long sentAt, long arrivedAt, History history) {
        if (inUse != null && !inUse.equals(sent) && !history.triedOtherToken()) {
            return new OtherToken();
        }
        Instant date = HttpDate.parse(answer.getAll(HttpHeaderNames.DATE));
        if (date == null) {
            return PASS_ON;
        }
        ValidityWindow window = ValidityWindow.of(sent, leeway);
        return switch (RefusalCause.of(window, date)) {
            case NOT_YET_VALID -> early(window, date, sentAt, arrivedAt);
            case CROSSING -> history.crossings() < MAX_CROSSINGS ? new AtOnce() : PASS_ON;
            case EXPIRED -> PASS_ON;
            case OTHER -> isYoung(sent, date) && !history.triedFresh() ? new Fresh() : PASS_ON;
        };
    }

    private static Ruling early(ValidityWindow window, Instant date, long sentAt, long arrivedAt) {
        Instant from = window.from();
        return from == null ? PASS_ON : new Early(Crossing.of(from, date, sentAt, arrivedAt));
    }

    private boolean isYoung(Token token, Instant date) {
        Instant issuedAt = token.claims().issuedAt();
        return issuedAt != null && Duration.between(issuedAt, date).compareTo(youngToken) < 0;
    }
}
