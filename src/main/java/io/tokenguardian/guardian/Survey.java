package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Judgement;
import io.tokenguardian.verdict.Look;
import io.tokenguardian.verdict.Terms;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One look at how things are, without waiting for anything to change: so many fresh connections, whatever they bring,
 * so that a refusal does not hide the other replicas.
 */
public final class Survey {
    private final ApiServer apiServer;
    private final Terms.Rules rules;
    private final Timeline timeline;

    public Survey(ApiServer apiServer, Terms.Rules rules, Timeline timeline) {
        this.apiServer = apiServer;
        this.rules = rules;
        this.timeline = timeline;
    }

    /** Asks about the token of {@code reading}, if there is one, and waits for the answers. */
    public Situation of(TokenReading reading) {
        ReplicaSightings sightings = new ReplicaSightings();
        if (reading instanceof TokenReading.Present present) {
            try (Inquiry inquiry = new Inquiry(present, rules, apiServer, sightings, () -> 0)) {
                return situation(present, verdict(inquiry), sightings);
            }
        }
        String explanation = ((TokenReading.Unreadable) reading).explanation();
        return situation(null, new Verdict.Unreadable(explanation), sightings);
    }

    /**
     * Twice as many questions at the most: replicas that disagree leave it pending, and then what one of them has
     * against the token is the verdict.
     */
    private Verdict verdict(Inquiry inquiry) {
        Verdict objection = new Verdict.Pending();
        for (int asked = 1; asked <= 2 * inquiry.confirmations(); asked++) {
            inquiry.ask(new Look.Fresh(timeline.instant()));
            Judgement judgement = inquiry.judgement(timeline.instant());
            Verdict verdict = judgement.verdict();
            boolean decided = !(verdict instanceof Verdict.Pending);
            if (verdict instanceof Verdict.Unreachable || (decided && asked >= inquiry.confirmations())) {
                return verdict;
            }
            objection = decided ? verdict : objection;
        }
        return objection;
    }

    private Situation situation(@Nullable Present present, Verdict verdict, ReplicaSightings sightings) {
        Instant now = timeline.instant();
        boolean accepted = verdict instanceof Verdict.Accepted;
        return new Situation(now, verdict, present, null, null, sightings.all(), accepted, timeline.nodeClockShift());
    }
}
