package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Series;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Judges one audience token. The clocks of the replicas show <em>when</em> the token can be valid. During that time,
 * TokenReviews show <em>whether</em> it is valid, if the service account may send them: one after the other, each over
 * a new connection. Not thread-safe.
 *
 * <pre>
 *   the token has none of the expected audiences     Refused, without a review
 *   a replica's clock is outside the token's window  NotYetValid, Expired
 *   all known clocks are inside the window           the result of the reviews;
 *                                                    if reviews are forbidden: Accepted (Pending without a clock)
 * </pre>
 */
final class AudienceTokenJudge implements GuardedToken {
    /** When an accepted token is reviewed again, because its account may have been deleted. */
    private static final Duration RECHECK = Duration.ofMinutes(5);

    private final AudienceGuardianFactory context;
    private final List<String> audiences;
    private final TokenReading.Present reading;
    private final TokenTerms terms;
    private final Runnable onResult;
    private final Instant since;

    private Series series = Series.NONE;
    private @Nullable ProbeConnection connection;
    private @Nullable CompletableFuture<ProbeResult> review; // under way over the connection
    private boolean extraReview;

    /**
     * Whether the clocks accepted the token while reviews were forbidden. If reviews are allowed later, a pending or
     * unreachable verdict does not revoke that acceptance.
     */
    private boolean acceptedByClocks;

    private record Decision(Verdict verdict, JudgedBy judgedBy) {}

    /**
     * If {@code audiences} is empty, the audiences that the token claims are reviewed. {@code onResult} is called on
     * any thread when a result arrives.
     */
    AudienceTokenJudge(
            AudienceGuardianFactory context, List<String> audiences, TokenReading.Present reading, Runnable onResult) {
        this.context = context;
        this.audiences = audiences;
        this.reading = reading;
        this.terms = TokenTerms.of(reading.token(), context.policy());
        this.onResult = onResult;
        this.since = context.timeline().instant();
    }

    @Override
    public TokenReading.Present reading() {
        return reading;
    }

    @Override
    public ValidityWindow window() {
        return terms.window();
    }

    @Override
    public Verdict verdict(Instant now) {
        return decision(now).verdict();
    }

    @Override
    public JudgedBy judgedBy(Instant now) {
        return decision(now).judgedBy();
    }

    private Decision decision(Instant now) {
        Verdict clockVerdict = clockVerdict(now);
        if (!isInTime(clockVerdict)) {
            return new Decision(clockVerdict, JudgedBy.CLOCKS);
        }
        Verdict answers = Judge.verdict(window(), series, List.of(), now);
        boolean silent = answers instanceof Verdict.Pending || answers instanceof Verdict.Unreachable;
        return silent && (acceptedByClocks || context.permission().isForbidden())
                ? new Decision(clockVerdict, JudgedBy.CLOCKS)
                : new Decision(answers, JudgedBy.REVIEWS);
    }

    private Verdict clockVerdict(Instant now) {
        List<String> claimed = token().claims().audience();
        return !audiences.isEmpty() && Collections.disjoint(claimed, audiences)
                ? new Verdict.Refused("", null, "it is for " + claimed + ", not for " + audiences)
                : Judge.byClocks(window(), context.clocks().get(), since, now);
    }

    /** Whether the clocks allow a review: their verdict is accepted, or it is pending because no clock is known. */
    private static boolean isInTime(Verdict clockVerdict) {
        return clockVerdict instanceof Verdict.Accepted || clockVerdict instanceof Verdict.Pending;
    }

    @Override
    public Instant nextStep(Instant now, boolean current) {
        return review != null && review.isDone() ? now : nextReview(now);
    }

    private Instant nextReview(Instant now) {
        Verdict clockVerdict = clockVerdict(now);
        if (clockVerdict instanceof Verdict.NotYetValid notYet && notYet.acceptableBy() != null) {
            return notYet.acceptableBy();
        }
        if (!isInTime(clockVerdict)) {
            return Instant.MAX;
        }
        Instant leaves = Judge.leavesAt(window(), context.clocks().get());
        boolean canSend = review == null && context.bearer() != null;
        return canSend
                ? Instants.earlier(leaves, Instants.later(context.permission().askAt(), reviewAt(now)))
                : leaves;
    }

    private Instant reviewAt(Instant now) {
        Instant again =
                series.accepted() == null ? Instant.MAX : series.lastResult().plus(RECHECK);
        return extraReview
                ? series.pausedUntil()
                : Instants.earlier(again, Judge.nextNewConnection(window(), series, List.of(), now));
    }

    @Override
    public boolean step(Instant now, boolean current, Consumer<Answer> observer) {
        acceptedByClocks |= context.permission().isForbidden() && clockVerdict(now) instanceof Verdict.Accepted;
        boolean taken = takeResult();
        if (review == null && mayReview(now) && !now.isBefore(reviewAt(now))) {
            send(now);
        }
        return taken;
    }

    private boolean mayReview(Instant now) {
        return isInTime(clockVerdict(now))
                && context.bearer() != null
                && !now.isBefore(context.permission().askAt());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // takeResult() has the result
    private void send(Instant now) {
        Token bearer = context.bearer();
        if (bearer == null) {
            return;
        }
        context.permission().onSent(now);
        extraReview = false;
        connection = context.apiServer().open();
        review = connection.reviewToken(
                bearer, token(), audiences.isEmpty() ? token().claims().audience() : audiences);
        review.whenComplete((result, failure) -> onResult.run());
    }

    private boolean takeResult() {
        if (review == null || !review.isDone()) {
            return false;
        }
        CompletableFuture<ProbeResult> done = review;
        close();
        ProbeResult result = done.join();
        context.permission().onResult(result.outcome(), result.receivedAt());
        Finding finding = terms.read(result);
        series = switch (finding) {
            case ACCEPTED -> accepted(result);
            case UNREACHABLE -> series.afterNoAnswer(result, context.chance());
            case NOT_YET_VALID, EXPIRED, REFUSED -> series.afterRefusal(terms, result, finding, context.chance());
        };
        return true;
    }

    private Series accepted(ProbeResult result) {
        boolean enough = series.isEnough(result, series.confirmed() + 1, terms.confirmations(), 0, 0);
        Series after = series.afterAcceptance(result, true, enough, context.chance());
        return enough && after.accepted() == null ? after.complete(Verdict.Accepted.of(result)) : after;
    }

    @Override
    public boolean awaitResult(Instant now, int received) {
        if (review == null) {
            return false;
        }
        review.join();
        return true;
    }

    @Override
    public void scheduleExtraProbe() {
        extraReview = true;
    }

    @Override
    public void close() {
        review = null;
        if (connection != null) {
            connection.close();
        }
    }
}
