package io.tokenguardian.guardian;

import io.tokenguardian.clock.Instants;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Judges one audience token. The clocks of the replicas show <em>when</em> the token can be valid. During that time,
 * TokenReviews show <em>whether</em> it is valid, if the service account may send them. Not thread-safe.
 *
 * <pre>
 *   the token has none of the expected audiences     Refused, without a probe
 *   a replica's clock is outside the token's window  NotYetValid, Expired
 *   all known clocks are inside the window           the result of the reviews;
 *                                                    if reviews are forbidden: Accepted (Pending without a clock)
 * </pre>
 */
final class AudienceTokenJudge implements GuardedToken {
    private final TokenProbe reviews;
    private final List<String> audiences;
    private final Supplier<List<KnownReplica>> replicas;
    private final Supplier<@Nullable Token> bearer;
    private final ReviewPermission permission;
    private final Instant since;

    /**
     * Whether the clocks accepted the token while reviews were forbidden. If reviews are allowed later, a pending or
     * unreachable verdict does not revoke that acceptance.
     */
    private boolean acceptedByClocks;

    private record Decision(Verdict verdict, JudgedBy judgedBy) {}

    AudienceTokenJudge(
            TokenProbe reviews,
            List<String> audiences,
            Supplier<List<KnownReplica>> replicas,
            Supplier<@Nullable Token> bearer,
            ReviewPermission permission,
            Instant since) {
        this.reviews = reviews;
        this.audiences = List.copyOf(audiences);
        this.replicas = replicas;
        this.bearer = bearer;
        this.permission = permission;
        this.since = since;
    }

    @Override
    public TokenReading.Present reading() {
        return reviews.reading();
    }

    @Override
    public ValidityWindow window() {
        return reviews.window();
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
        Verdict answers = reviews.verdict(now);
        boolean silent = answers instanceof Verdict.Pending || answers instanceof Verdict.Unreachable;
        return silent && (acceptedByClocks || permission.isForbidden())
                ? new Decision(clockVerdict, JudgedBy.CLOCKS)
                : new Decision(answers, JudgedBy.REVIEWS);
    }

    private Verdict clockVerdict(Instant now) {
        List<String> claimed = token().claims().audience();
        return !audiences.isEmpty() && Collections.disjoint(claimed, audiences)
                ? new Verdict.Refused("", null, "it is for " + claimed + ", not for " + audiences)
                : Judge.byClocks(window(), replicas.get(), since, now);
    }

    /** Whether the clocks allow a review: their verdict is accepted, or it is pending because no clock is known. */
    private static boolean isInTime(Verdict clockVerdict) {
        return clockVerdict instanceof Verdict.Accepted || clockVerdict instanceof Verdict.Pending;
    }

    @Override
    public Instant nextStep(Instant now) {
        return Instants.earlier(reviews.nextResult(), nextReview(now));
    }

    private Instant nextReview(Instant now) {
        Verdict clockVerdict = clockVerdict(now);
        if (clockVerdict instanceof Verdict.NotYetValid notYet && notYet.acceptableBy() != null) {
            return notYet.acceptableBy();
        }
        if (!isInTime(clockVerdict)) {
            return Instant.MAX;
        }
        Instant leaves = Judge.leavesAt(window(), replicas.get());
        Instant asks = bearer.get() == null ? Instant.MAX : Instants.later(permission.askAt(), reviews.nextStep(now));
        return Instants.earlier(leaves, asks);
    }

    @Override
    public boolean step(Instant now, Consumer<Answer> results) {
        acceptedByClocks |= permission.isForbidden() && clockVerdict(now) instanceof Verdict.Accepted;
        return mayAsk(now) ? reviews.step(now, results) : reviews.takeResult(now, results);
    }

    TokenProbe reviews() {
        return reviews;
    }

    boolean mayAsk(Instant now) {
        return isInTime(clockVerdict(now)) && bearer.get() != null && !now.isBefore(permission.askAt());
    }

    @Override
    public void scheduleExtraProbe() {
        reviews.scheduleExtraProbe();
    }

    @Override
    public void close() {
        reviews.close();
    }
}
