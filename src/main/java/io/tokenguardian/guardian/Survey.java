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
                return situation(present, verdict(inquiry), sightings, Basis.REQUESTS);
            }
        }
        return situation(null, unreadable(reading), sightings, Basis.REQUESTS);
    }

    private static Verdict unreadable(TokenReading reading) {
        return new Verdict.Unreadable(((TokenReading.Unreadable) reading).explanation());
    }

    /**
     * Looks at a further token by what has been found of the main one: its clocks, and the token itself to ask with.
     *
     * @param main what {@link #of} has come to
     */
    public FurtherToken of(FurtherToken.Source source, TokenReading reading, Situation main) {
        ReplicaSightings sightings = new ReplicaSightings();
        FurtherInquiries inquiries = new FurtherInquiries(apiServer, rules, timeline, () -> 0, () -> main);
        Situation situation;
        if (reading instanceof TokenReading.Present present) {
            try (FurtherInquiry inquiry = inquiries.of(source, present, sightings)) {
                situation = ask(present, inquiry, sightings);
            }
        } else {
            situation = situation(null, unreadable(reading), sightings, Basis.CLOCKS);
        }
        return new FurtherToken(source.name(), source.path(), situation);
    }

    private Situation ask(Present present, FurtherInquiry inquiry, ReplicaSightings sightings) {
        Verdict answers = inquiry.mayAsk(timeline.instant()) ? verdict(inquiry.reviews()) : new Verdict.Pending();
        Instant now = timeline.instant();
        Basis basis = inquiry.basis(now);
        return situation(present, basis == Basis.REVIEWS ? answers : inquiry.verdict(now), sightings, basis);
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

    private Situation situation(@Nullable Present present, Verdict verdict, ReplicaSightings sightings, Basis basis) {
        Instant now = timeline.instant();
        boolean accepted = verdict instanceof Verdict.Accepted;
        return new Situation(
                now, verdict, present, null, null, sightings.all(), accepted, timeline.nodeClockShift(), basis);
    }
}
