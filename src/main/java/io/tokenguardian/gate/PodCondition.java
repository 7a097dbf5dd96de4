package io.tokenguardian.gate;

import io.tokenguardian.guardian.Explanation;
import io.tokenguardian.guardian.Situation;
import java.time.Instant;

/**
 * The condition {@code token-guardian.io/TokenAccepted} of the pod.
 *
 * @param accepted its status: {@code True} or {@code False}
 * @param reason the verdict's word
 * @param message the sentence of {@code /status}
 */
record PodCondition(boolean accepted, String reason, String message) {
    static final String TYPE = "token-guardian.io/TokenAccepted";

    static PodCondition of(Situation situation, Instant now) {
        return new PodCondition(
                situation.isAccepted(),
                situation.verdict().word(),
                Explanation.of(situation, now).sentence());
    }
}
