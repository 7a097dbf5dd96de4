package io.tokenguardian.gate;

import io.tokenguardian.guardian.Explanation;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Something to tell of the pod's token, as an event of the pod.
 *
 * @param subject what it is about: two events with the same reason and subject are one that happened twice
 * @param at when, on the local time line
 */
record PodEvent(Reason reason, String subject, String message, Instant at) {

    /** The events that there are; their names are the contract's. */
    enum Reason {
        NOT_YET_VALID("TokenNotYetValid", true),
        ACCEPTED("TokenAccepted", false),
        REFUSED("TokenRefused", true),
        EXPIRING("TokenExpiring", true);

        private final String word;
        private final boolean warning;

        Reason(String word, boolean warning) {
            this.word = word;
            this.warning = warning;
        }

        String word() {
            return word;
        }

        /** The event's type. */
        String type() {
            return warning ? "Warning" : "Normal";
        }
    }

    /** The event that the verdict is; empty when the verdict is no news of the token. */
    static Optional<PodEvent> of(Situation situation) {
        if (situation.token() == null) {
            return Optional.empty();
        }
        // A token's text shows nothing of the token itself.
        String token = situation.token().token().toString();
        Verdict verdict = situation.verdict();
        Instant at = situation.at();
        if (verdict instanceof Verdict.NotYetValid notYet) {
            return Optional.of(
                    new PodEvent(Reason.NOT_YET_VALID, notYet.address() + " " + token, notYet(notYet, situation), at));
        }
        if (verdict instanceof Verdict.Accepted) {
            return Optional.of(new PodEvent(Reason.ACCEPTED, token, sentence(situation), at));
        }
        if (verdict instanceof Verdict.Refused || verdict instanceof Verdict.Expired) {
            return Optional.of(new PodEvent(Reason.REFUSED, token, sentence(situation), at));
        }
        return Optional.empty();
    }

    /** That kubelet should have replaced the token of {@code situation}, which ends at {@code end}. */
    static PodEvent expiring(Situation situation, Instant end, Instant at) {
        String token = Objects.requireNonNull(situation.token()).token().toString();
        return new PodEvent(
                Reason.EXPIRING,
                token,
                "kubelet has not replaced the token yet, which it should have done long before " + end + ".",
                at);
    }

    private static String sentence(Situation situation) {
        return Explanation.of(situation, situation.at()).sentence();
    }

    /** Without the time left, which would be another one each time that the event is told. */
    private static String notYet(Verdict.NotYetValid notYet, Situation situation) {
        return "The API server replica at " + notYet.address() + Explanation.ofClock(notYet, situation)
                + " refuses the token until it is " + notYet.from() + " on its own clock.";
    }

    boolean isSameAs(PodEvent other) {
        return reason == other.reason && subject.equals(other.subject);
    }
}
