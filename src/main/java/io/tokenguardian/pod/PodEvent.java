package io.tokenguardian.pod;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Optional;

/** An event about the token. The same reason and subject repeat an event; {@code at} is on the local timeline. */
record PodEvent(Reason reason, String subject, String message, Instant at) {

    /** The kinds of events. The names are part of the public contract. */
    enum Reason {
        NOT_YET_VALID("TokenNotYetValid", true),
        ACCEPTED("TokenAccepted", false),
        REFUSED("TokenRefused", true),
        EXPIRING("TokenExpiring", true),
        CLOCK_OFF("ReplicaClockOff", true),
        STALE_CALLER("StaleCaller", true),
        RECEIPT("RequestsSaved", false);

        private final String word;
        private final boolean warning;

        Reason(String word, boolean warning) {
            this.word = word;
            this.warning = warning;
        }

        String word() {
            return word;
        }

        String type() {
            return warning ? "Warning" : "Normal";
        }
    }

    /** Returns the event for the verdict; empty for a verdict that is not reported. */
    static Optional<PodEvent> of(TokenStatus tokenStatus) {
        if (tokenStatus.token() == null) {
            return Optional.empty();
        }
        // Token.toString() does not show the secret.
        String token = tokenStatus.token().toString();
        Verdict verdict = tokenStatus.verdict();
        Instant at = tokenStatus.at();
        if (verdict instanceof Verdict.NotYetValid notYet) {
            // The message omits the remaining time, which would differ each time the event is written.
            return Optional.of(new PodEvent(
                    Reason.NOT_YET_VALID,
                    notYet.address() + " " + token,
                    Explanation.withoutTimeLeft(tokenStatus).sentence(),
                    at));
        }
        if (verdict instanceof Verdict.Accepted) {
            return Optional.of(new PodEvent(Reason.ACCEPTED, token, sentence(tokenStatus), at));
        }
        if (verdict instanceof Verdict.Refused || verdict instanceof Verdict.Expired) {
            return Optional.of(new PodEvent(Reason.REFUSED, token, sentence(tokenStatus), at));
        }
        return Optional.empty();
    }

    static PodEvent expiring(Token token, Instant end, Instant at) {
        return new PodEvent(
                Reason.EXPIRING,
                token.toString(),
                "kubelet should have replaced the token long before " + end
                        + ", the end of the lifetime that it requested.",
                at);
    }

    static PodEvent staleCaller(String userAgent, String text, Instant at) {
        return new PodEvent(Reason.STALE_CALLER, userAgent, text, at);
    }

    private static String sentence(TokenStatus tokenStatus) {
        return Explanation.of(tokenStatus, tokenStatus.at()).sentence();
    }

    boolean isSameAs(PodEvent other) {
        return reason == other.reason && subject.equals(other.subject);
    }
}
