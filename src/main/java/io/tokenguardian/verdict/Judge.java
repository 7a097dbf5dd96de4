package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.apiserver.Reply;
import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules from evidence to verdict, and to the question that is worth asking next.
 *
 * <p>The next question is set for the moment at which its answer can differ, not by a polling period: a refuser's clock
 * is narrowed in a few well-aimed questions, then left alone until it reaches the window. Its own acceptance over its
 * own connection ends the wait; the prediction alone does so only when that connection is lost.
 */
public final class Judge {
    /** An accepted token is asked about again after this long, for accounts that are deleted and clocks that are set. */
    static final Duration RECHECK = Duration.ofMinutes(5);

    /**
     * Successes are cached by the API server for this long (docs/api-server.md, Authentication cache): a token outlives
     * its window by it.
     */
    static final Duration SUCCESS_CACHE = Duration.ofSeconds(10);

    /** Aimed questions spent on narrowing one refuser's clock. Eight reach the round trip to within 10 ms. */
    static final int NARROWING_SAMPLES = 8;

    /** A connection whose {@code Date}s have jumped more often than this shows no clock that could be aimed at. */
    static final int MOST_STEPS = 2;

    /** While a refuser's clock may or may not have reached the window, it is asked this often. */
    static final Duration CROSSING_GAP = Duration.ofMillis(40);

    /** How often a refuser is heard during a long wait, in case its clock is set: a third of what is left, within these. */
    static final Duration SHORTEST_GAP = Duration.ofSeconds(20);

    /** Below the API server's idle timeout of 90 s, so that the connection lives. */
    static final Duration LONGEST_GAP = Duration.ofSeconds(60);

    private Judge() {}

    /** Judges the token of {@code terms} by {@code evidence} at {@code now}. */
    public static Judgement judge(Terms terms, Evidence evidence, Instant now) {
        Verdict trouble = evidence.trouble();
        if (trouble instanceof Verdict.Refused || trouble instanceof Verdict.Expired) {
            return new Judgement(trouble, fresh(evidence, now));
        }
        Instant from = terms.window().from();
        List<Refuser> outstanding = evidence.outstanding(terms, now);
        if (from != null && !outstanding.isEmpty()) {
            Refuser last = lastToAccept(outstanding, from);
            return new Judgement(notYetValid(last, from, now), next(last, from, evidence, now));
        }
        if (evidence.accepted() != null) {
            return new Judgement(evidence.accepted(), recheck(terms, evidence, now));
        }
        return new Judgement(trouble == null ? new Verdict.Pending() : trouble, fresh(evidence, now));
    }

    /**
     * What an answer about another token proves of the token of {@code terms}: a replica that dates it before the window
     * refuses this one too. Null when the answer proves nothing.
     */
    public static Verdict.@Nullable NotYetValid refusalProvenBy(Terms terms, Answer answer) {
        Instant from = terms.window().from();
        Instant date = answer.date();
        boolean judged = answer.reply() instanceof Reply.Authenticated || answer.reply() instanceof Reply.Unauthorized;
        if (!judged || from == null || date == null || !date.isBefore(from)) {
            return null;
        }
        ClockEstimate clock = ClockEstimate.of(new Sample(answer.sentAt(), answer.receivedAt(), date));
        return new Verdict.NotYetValid(
                answer.address(), from, clock.earliest(from), clock.latest(from), clock.at(answer.receivedAt()));
    }

    private static Refuser lastToAccept(List<Refuser> outstanding, Instant from) {
        return outstanding.stream()
                .max(Comparator.comparing(refuser -> orFarAway(refuser.acceptsBy(from))))
                .orElseThrow();
    }

    private static Instant orFarAway(@Nullable Instant instant) {
        return instant == null ? Instant.MAX : instant;
    }

    private static Verdict notYetValid(Refuser refuser, Instant from, Instant now) {
        ClockEstimate clock = refuser.clock();
        return clock == null
                ? new Verdict.NotYetValid(refuser.address(), from, null, null, null)
                : new Verdict.NotYetValid(
                        refuser.address(), from, clock.earliest(from), clock.latest(from), clock.at(now));
    }

    private static Look next(Refuser refuser, Instant from, Evidence evidence, Instant now) {
        ClockEstimate clock = refuser.clock();
        if (clock == null) {
            return new Look.Again(later(now, evidence.holdOff()), refuser.connection());
        }
        Instant latest = clock.latest(from);
        if (!refuser.open()) {
            return new Look.Fresh(latest);
        }
        // Its time has come for certain, and still it is asked itself: its clock may have been set back unheard.
        Instant again =
                now.isBefore(latest) ? sooner(overheard(refuser, clock, from, now), latest) : evidence.holdOff();
        return new Look.Again(later(now, again), refuser.connection());
    }

    /** When to hear a refuser whose clock is known, before its time has come for certain. */
    private static Instant overheard(Refuser refuser, ClockEstimate clock, Instant from, Instant now) {
        Instant lastAsked = refuser.lastAsked();
        Instant earliest = clock.earliest(from);
        Instant latest = clock.latest(from);
        Instant heard = clock.nextProbe(lastAsked.plus(gap(lastAsked, latest)));
        if (clock.steps() > MOST_STEPS) {
            return heard;
        }
        if (!now.isBefore(earliest)) {
            return lastAsked.plus(CROSSING_GAP);
        }
        if (!clock.isNarrow(now) && clock.samples() < NARROWING_SAMPLES) {
            // Aimed from the last answer, not from now: no timer is exact, and late must not become another second.
            return sooner(clock.nextProbe(lastAsked), earliest);
        }
        boolean coarse = Duration.between(earliest, latest).compareTo(CROSSING_GAP) > 0;
        return coarse ? sooner(heard, earliest) : heard;
    }

    private static Duration gap(Instant now, Instant latest) {
        Duration third = Duration.between(now, latest).dividedBy(3);
        if (third.compareTo(SHORTEST_GAP) < 0) {
            return SHORTEST_GAP;
        }
        return third.compareTo(LONGEST_GAP) > 0 ? LONGEST_GAP : third;
    }

    private static Look fresh(Evidence evidence, Instant now) {
        return new Look.Fresh(later(now, evidence.holdOff()));
    }

    private static Look recheck(Terms terms, Evidence evidence, Instant now) {
        boolean settled = evidence.trouble() == null && evidence.refusals() == 0;
        if (!settled) {
            return fresh(evidence, now);
        }
        Instant again = evidence.lastAnswer().plus(RECHECK);
        Instant until = terms.window().until();
        if (until != null) {
            Instant over = until.plus(SUCCESS_CACHE);
            again = evidence.lastAnswer().isBefore(over) ? sooner(again, over) : again;
        }
        return new Look.Fresh(later(now, again));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Instant sooner(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
