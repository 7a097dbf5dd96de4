package io.tokenguardian.pod;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.Explanation;

/**
 * The pod's condition, whose status is always {@code True}. {@code reason} is {@code accepted}, or {@code usable} if
 * not every replica accepts the token. {@code message} changes only with the reason, so that few writes are needed.
 */
record PodCondition(String reason, String message) {
    static final String TYPE = "token-guardian.io/TokenAccepted";
    static final String STATUS = "True";

    private static final PodCondition USABLE =
            new PodCondition("usable", "Some API server replicas accept a token of this pod, and others do not.");

    /** Returns the condition while the token is accepted or usable. */
    static PodCondition of(TokenStatus tokenStatus) {
        return tokenStatus.isAccepted()
                ? new PodCondition(
                        tokenStatus.verdict().word(),
                        Explanation.withoutTimeLeft(tokenStatus).sentence())
                : USABLE;
    }
}
