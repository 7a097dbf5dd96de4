package io.tokenguardian.pod;

import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.Explanation;

/**
 * The pod's condition. {@code reason} is {@code accepted}, or {@code usable} if not every replica accepts the token.
 * {@code message} changes only with the reason, so that few writes are needed.
 *
 * @param isTrue whether the replicas that {@link AcceptedBy} names accept the token
 */
record PodCondition(boolean isTrue, String reason, String message) {
    static final String TYPE = "token-guardian.io/TokenAccepted";

    /** Returns the condition while the token is accepted or usable. */
    static PodCondition of(TokenStatus tokenStatus, AcceptedBy acceptedBy) {
        return tokenStatus.isAccepted()
                ? new PodCondition(
                        true,
                        tokenStatus.verdict().word(),
                        Explanation.of(tokenStatus, tokenStatus.at()).sentence())
                : new PodCondition(
                        acceptedBy.isMet(tokenStatus),
                        "usable",
                        "Some API server replicas accept a token of this pod, and others do not.");
    }

    String status() {
        return isTrue ? "True" : "False";
    }
}
