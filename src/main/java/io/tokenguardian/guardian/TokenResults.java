package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.guardian.SentProbes.Ended;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.verdict.Evidence;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Judgement;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.UnmetReplica;
import io.tokenguardian.verdict.Usability;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** The results so far about one token, and what they require next. Not thread-safe. */
final class TokenResults {
    private final TokenTerms ownTerms;
    private final ListedReplicas listed;
    private final IntSupplier met;
    private final DoubleSupplier chance;
    private final SilencePauses silencePauses = new SilencePauses();

    private Evidence evidence = Evidence.NONE;
    private Usability usability;
    private boolean clocksMatter = true; // whether an unobserved replica's clock may make it refuse

    private Instant lastAccepted = Instant.MIN;

    private @Nullable LastJudgement lastJudgement;

    /** One turn needs the same judgement several times. */
    private record LastJudgement(TokenTerms terms, Evidence evidence, Instant now, Judgement judgement) {
        @SuppressWarnings("ReferenceEquality") // evidence is immutable, and any change creates another
        boolean isOf(TokenTerms otherTerms, Evidence otherEvidence, Instant at) {
            return evidence == otherEvidence && now.equals(at) && terms.equals(otherTerms);
        }
    }

    TokenResults(TokenTerms ownTerms, ListedReplicas listed, IntSupplier met, DoubleSupplier chance) {
        this.ownTerms = ownTerms;
        this.listed = listed;
        this.met = met;
        this.chance = chance;
        this.usability = Usability.of(listed.count());
    }

    Evidence evidence() {
        return evidence;
    }

    Usability usability() {
        return usability;
    }

    Judgement judgement(Instant now) {
        TokenTerms terms = terms();
        LastJudgement last = lastJudgement;
        if (last == null || !last.isOf(terms, evidence, now)) {
            last = new LastJudgement(terms, evidence, now, Judge.judge(terms, evidence, now));
            lastJudgement = last;
        }
        return last.judgement();
    }

    @Nullable
    Judgement judgeFirst(Instant now) {
        return Judge.judgeFirst(terms(), evidence, now);
    }

    int refusers(Instant now) {
        return Judge.refusers(terms(), evidence, now);
    }

    List<Integer> mayAcceptBy(Instant now) {
        return Judge.mayAcceptBy(now, terms(), evidence);
    }

    /** Returns how many more new connections must accept until the token counts as accepted. */
    int connectionsLeft() {
        return Math.max(terms().confirmations() - evidence.confirmed(), unmetLeft());
    }

    /** In total, if the token is neither accepted nor refused before that. */
    int connectionsNeeded() {
        TokenTerms terms = terms();
        return Math.max(terms.confirmations(), terms.connections());
    }

    /** Returns how many new connections are still needed to reach every replica; 0 or less if none. */
    int unmetLeft() {
        if (listed.count() > 0) {
            return listed.unasked();
        }
        return evidence.accepted() == null ? terms().connections() - evidence.connections() : 0;
    }

    /** Returns how many new connections almost certainly reach each replica. */
    int connectionsToEach() {
        return UnmetReplica.connectionsToRuleOut(Math.max(1, met.getAsInt()));
    }

    private TokenTerms terms() {
        if (listed.count() > 0) {
            return ownTerms.withReplicas(listed.toAccept());
        }
        return clocksMatter ? ownTerms.withConnections(UnmetReplica.connectionsToRuleOut(met.getAsInt())) : ownTerms;
    }

    /** While a listed replica has yet to accept, the next acceptance does not make the token accepted. */
    private TokenTerms termsInRow() {
        return listed.haveYetToAccept() ? ownTerms.withReplicas(evidence.confirmed() + 2) : terms();
    }

    /** Does not wait for the end of a pause after a refusal, because the next connection may reach another replica. */
    Instant nextSearch(Instant now) {
        return Instants.later(usability.nextSearch(now), silencePauses.pausedUntil());
    }

    Instant retryAfter() {
        return silencePauses.retryAfter();
    }

    /** Returns how many new connections should be awaited concurrently after a result over a new connection. */
    int followAtOnce(Finding last, Instant now) {
        if (last == Finding.UNREACHABLE || (listed.silenceCounts() && now.isBefore(retryAfter()))) {
            return 0; // the next connection waits for the end of the pause
        }
        Instant at = evidence.lastResult();
        if (usability.isSearching()) {
            return now.isBefore(silencePauses.pausedUntil()) ? 0 : Math.min(usability.left(), Usability.SIDE_BY_SIDE);
        }
        if (last == Finding.ACCEPTED && judgement(at).verdict() instanceof Verdict.Pending) {
            return now.isBefore(silencePauses.pausedUntil()) ? 0 : connectionsLeft();
        }
        return usability.isUsable() ? unmetLeft() : 0;
    }

    void doubt() {
        usability = usability.inDoubt();
    }

    /** Whether all listed replicas were probed and acceptances have begun, but the token is not accepted yet. */
    boolean isRowBegun() {
        return listed.unasked() == 0 && evidence.accepted() == null && evidence.confirmed() > 0;
    }

    boolean restartIfReplicasChanged() {
        return restartIfReplicasChanged(evidence.accepted());
    }

    /** @param accepted the accepted verdict for the old set; null if none */
    private boolean restartIfReplicasChanged(Verdict.@Nullable Accepted accepted) {
        boolean changed = listed.update();
        if (changed) {
            usability = usability.among(listed.count());
            evidence = evidence.inNewRow(accepted);
        }
        return changed;
    }

    /** Takes the result of a probe. Returns whether the set of replicas has changed. */
    boolean take(Ended ended, JudgedResult judged) {
        Verdict.Accepted before = evidence.accepted();
        boolean refused = !evidence.refusingReplicas().isEmpty() || evidence.refusals() > 0;
        if (refused && listed.forgetSilence()) { // after the last refusal, each replica must accept again
            evidence = evidence.inNewRow(before);
        }
        if (ended.isNew()) {
            takeNew(ended, judged);
        } else {
            evidence = evidence.afterSameConnection(terms(), ended.connection(), judged, ended.open(), chance);
            usability = usability.afterSameConnection(judged);
        }
        silencePauses.take(ended, judged, evidence.pausedUntil());
        boolean lost = ended.isNew() && before != null && evidence.accepted() == null;
        if (lost || isNewRefusal(judged)) {
            doubt();
        }
        if (judged.finding() == Finding.ACCEPTED) {
            lastAccepted = judged.result().receivedAt();
        }
        return ended.isNew() && restartIfReplicasChanged(before);
    }

    /** The probes of a search run concurrently: once one is accepted, refusals of the others start no new search. */
    private boolean isNewRefusal(JudgedResult judged) {
        return judged.finding() == Finding.REFUSED
                && evidence.failure() instanceof Verdict.Refused
                && judged.result().sentAt().isAfter(lastAccepted);
    }

    private void takeNew(Ended ended, JudgedResult judged) {
        boolean newlySilent = listed.take(ended, judged);
        if (judged.finding() != Finding.UNREACHABLE) {
            noteWhetherClocksMatter(judged.result());
        }
        if (!staysAside(ended, judged.finding(), newlySilent)) {
            listed.recordInRow(judged, evidence.confirmed());
            evidence = evidence.afterNewConnection(termsInRow(), ended.connection(), judged, ended.open(), chance);
        }
        if (usability.hasMissed()) {
            evidence = evidence.withoutRepresented(
                    ended.connection(), judged.result().receivedAt());
        }
        usability = usability.afterNewConnection(ownTerms, judged);
    }

    /**
     * Whether this result neither adds to the consecutive acceptances nor resets them. Later probes may have been
     * refused before a late acceptance. If a replica has just become silent, the acceptances can continue without it.
     */
    private boolean staysAside(Ended ended, Finding finding, boolean newlySilent) {
        boolean inRow = evidence.accepted() == null && evidence.confirmed() > 0;
        return switch (finding) {
            case ACCEPTED -> ended.late();
            case UNREACHABLE -> inRow && (newlySilent || ended.late()) && !listed.silenceCounts();
            case NOT_YET_VALID, EXPIRED, REFUSED -> false;
        };
    }

    /** One replica's clock may be far ahead, so this node's clock is considered too. */
    private void noteWhetherClocksMatter(ProbeResult result) {
        boolean known = evidence.connections() > 0 && clocksMatter;
        clocksMatter = known
                || ownTerms.mayBeRefusedBySomeClock(result.date())
                || ownTerms.mayBeRefusedBySomeClock(result.receivedAt());
    }
}
