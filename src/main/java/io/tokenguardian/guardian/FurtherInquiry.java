package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.ValidityWindow;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one further token, which is for somebody else than the API server. The clocks of the replicas say
 * <em>when</em> it can be good; inside that time the API server is asked <em>whether</em> it is, by TokenReviews, as far as it
 * lets itself be asked. For one thread.
 *
 * <pre>
 *   for another audience than it should be         Refused, nobody is asked
 *   outside its window by the clock of a replica   NotYetValid, Expired
 *   inside                                         what the answers to the reviews say;
 *                                                  where reviews are forbidden: Accepted
 * </pre>
 */
final class FurtherInquiry implements GuardedToken {
    private final Inquiry reviews;
    private final ValidityWindow window;
    private final List<String> audiences;
    private final Supplier<List<ReplicaSighting>> replicas;
    private final Supplier<@Nullable Token> bearer;
    private final ReviewPermission permission;
    private final Instant since;

    /** Whether the clocks have had the last word: silence of a server that may now be asked is no reason to take it back. */
    private boolean byClocks;

    private record Ruling(Verdict verdict, Basis basis) {}

    /**
     * @param reviews the questions about it
     * @param audiences one of which it must be for; empty for any
     * @param replicas those that were met, with their clocks
     * @param bearer the accepted token to ask with; null while there is none
     * @param since when it was first seen
     */
    FurtherInquiry(
            Inquiry reviews,
            ValidityWindow window,
            List<String> audiences,
            Supplier<List<ReplicaSighting>> replicas,
            Supplier<@Nullable Token> bearer,
            ReviewPermission permission,
            Instant since) {
        this.reviews = reviews;
        this.window = window;
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
    public Verdict verdict(Instant now) {
        return ruling(now).verdict();
    }

    @Override
    public Basis basis(Instant now) {
        return ruling(now).basis();
    }

    private Ruling ruling(Instant now) {
        Verdict clocks = clocks(now);
        if (!isInTime(clocks)) {
            return new Ruling(clocks, Basis.CLOCKS);
        }
        Verdict answers = reviews.verdict(now);
        boolean silent = answers instanceof Verdict.Pending || answers instanceof Verdict.Unreachable;
        return silent && (byClocks || permission.isForbidden())
                ? new Ruling(clocks, Basis.CLOCKS)
                : new Ruling(answers, Basis.REVIEWS);
    }

    private Verdict clocks(Instant now) {
        List<String> claimed = token().claims().audience();
        return !audiences.isEmpty() && Collections.disjoint(claimed, audiences)
                ? new Verdict.Refused("", "it is for " + claimed + ", and not for " + audiences)
                : ClockJudge.judge(window, replicas.get(), since, now);
    }

    /** Accepted, or pending where no clock is known: the API server may know more. */
    private static boolean isInTime(Verdict clocks) {
        return clocks instanceof Verdict.Accepted || clocks instanceof Verdict.Pending;
    }

    @Override
    public Instant nextAct(Instant now) {
        Verdict clocks = clocks(now);
        if (clocks instanceof Verdict.NotYetValid notYet && notYet.acceptableBy() != null) {
            return notYet.acceptableBy();
        }
        if (!isInTime(clocks)) {
            return Instant.MAX;
        }
        Instant leaves = ClockJudge.leaves(window, replicas.get());
        Instant asks = bearer.get() == null ? Instant.MAX : later(permission.askAt(), reviews.nextAct(now));
        return leaves.isBefore(asks) ? leaves : asks;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    @Override
    public boolean act(Instant now) {
        byClocks |= permission.isForbidden() && clocks(now) instanceof Verdict.Accepted;
        return mayAsk(now) && reviews.act(now);
    }

    /** The questions about it. */
    Inquiry reviews() {
        return reviews;
    }

    /** Whether there is any use in asking, and a token to ask with. */
    boolean mayAsk(Instant now) {
        return isInTime(clocks(now)) && bearer.get() != null && !now.isBefore(permission.askAt());
    }

    @Override
    public void askSoon() {
        reviews.askSoon();
    }

    @Override
    public void close() {
        reviews.close();
    }
}
