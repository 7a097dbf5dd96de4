package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks a token once. Each probe opens a new connection. A refusal does not end the check: all are observed. */
public final class OneShotProbe {
    private final ApiServer apiServer;
    private final TokenTerms.AcceptancePolicy policy;
    private final Timeline timeline;
    private final boolean hasProxy;

    /** @param hasProxy whether a guardian with the same settings has a proxy */
    public OneShotProbe(ApiServer apiServer, TokenTerms.AcceptancePolicy policy, Timeline timeline, boolean hasProxy) {
        this.hasProxy = hasProxy;
        this.apiServer = apiServer;
        this.policy = policy;
        this.timeline = timeline;
    }

    /** Probes the token in {@code reading}, if any, and waits for the results. */
    public TokenStatus check(TokenReading reading) {
        ReplicaLedger ledger = new ReplicaLedger();
        if (reading instanceof TokenReading.Present present) {
            try (TokenProbe probe =
                    new TokenProbe(present, policy, apiServer, ledger, () -> false, () -> 0, () -> {})) {
                return statusOf(probe, verdict(probe, ledger), ledger, JudgedBy.REQUESTS);
            }
        }
        return statusOf(null, unreadable(reading), ledger, JudgedBy.REQUESTS);
    }

    private static Verdict unreadable(TokenReading reading) {
        return new Verdict.Unreadable(((TokenReading.Unreadable) reading).explanation());
    }

    /** Uses the clocks in {@code main}, the result of {@link #check}, and TokenReviews sent with the main token. */
    public AudienceToken checkAudienceToken(AudienceToken.Source source, TokenReading reading, TokenStatus main) {
        AudienceGuardianFactory context = new AudienceGuardianFactory(
                apiServer, policy, timeline, () -> 0, () -> main, main::replicas, new ReviewPermission());
        TokenStatus tokenStatus;
        if (reading instanceof TokenReading.Present present) {
            try (AudienceTokenJudge judge = new AudienceTokenJudge(context, source.audiences(), present, () -> {})) {
                tokenStatus = review(judge);
            }
        } else {
            tokenStatus = statusOf(null, unreadable(reading), new ReplicaLedger(), JudgedBy.CLOCKS);
        }
        return new AudienceToken(source.name(), source.path(), tokenStatus);
    }

    private TokenStatus review(AudienceTokenJudge judge) {
        for (int sent = 0; sent < policy.confirmations() && judge.mayReview(timeline.instant()); sent++) {
            judge.step(timeline.instant(), answer -> {});
            judge.awaitResult();
        }
        judge.step(timeline.instant(), answer -> {});
        Instant now = timeline.instant();
        return statusOf(judge, judge.verdict(now), new ReplicaLedger(), judge.judgedBy(now));
    }

    /**
     * Sends at most twice as many probes as are needed if all replicas accept. If replicas disagree, the judgement
     * remains pending, so the last refusal is returned instead.
     */
    private Verdict verdict(TokenProbe probe, ReplicaLedger ledger) {
        Verdict refusal = new Verdict.Pending();
        for (int asked = 1; asked <= 2 * probe.connectionsNeeded(); asked++) {
            probe.awaitResult(timeline.instant());
            probe.step(timeline.instant(), ledger::record);
            Verdict verdict = probe.verdict(timeline.instant());
            boolean decided = !(verdict instanceof Verdict.Pending);
            if (verdict instanceof Verdict.Unreachable || (decided && asked >= probe.connectionsNeeded())) {
                return verdict;
            }
            refusal = decided ? verdict : refusal;
        }
        return refusal;
    }

    private TokenStatus.Usable usable(@Nullable GuardedToken guarded, Verdict verdict) {
        Instant now = timeline.instant();
        boolean usable = guarded != null && (guarded.isUsable(now) || verdict instanceof Verdict.Accepted);
        return guarded == null
                ? TokenStatus.Usable.NONE
                : new TokenStatus.Usable(
                        usable ? List.of(guarded.token()) : List.of(),
                        usable,
                        hasProxy,
                        usable ? null : guarded.firstRefusalToEnd(now));
    }

    private TokenStatus statusOf(
            @Nullable GuardedToken guarded, Verdict verdict, ReplicaLedger ledger, JudgedBy judgedBy) {
        return new TokenStatus(
                timeline.instant(),
                verdict,
                guarded == null ? null : guarded.reading(),
                guarded == null ? ValidityWindow.UNBOUNDED : guarded.window(),
                null,
                usable(guarded, verdict),
                ReplicaLedger.listed(ledger.all(), Guardian.addresses(apiServer)),
                verdict instanceof Verdict.Accepted,
                timeline.nodeClockShift(),
                judgedBy,
                null,
                null);
    }
}
