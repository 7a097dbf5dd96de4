package io.tokenguardian.pod;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.Explanation;
import java.time.Instant;

/**
 * The pod's condition {@code token-guardian.io/TokenAccepted}.
 *
 * @param accepted its status: {@code True} or {@code False}
 * @param reason the verdict's word
 * @param message the sentence of {@code /status}
 */
record PodCondition(boolean accepted, String reason, String message) {
    static final String TYPE = "token-guardian.io/TokenAccepted";

    static PodCondition of(TokenStatus tokenStatus, Instant now) {
        return new PodCondition(
                tokenStatus.isAccepted(),
                tokenStatus.verdict().word(),
                Explanation.of(tokenStatus, now).sentence());
    }
}
