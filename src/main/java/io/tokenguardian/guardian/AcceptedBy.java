package io.tokenguardian.guardian;

/** Which replicas have to accept a token before a wait for it ends: {@code guardian.readiness.accepted-by}. */
public enum AcceptedBy {
    /** Every replica that is known: an app that reads the token file may reach any of them. */
    EVERY,

    /** One replica: the proxy sends requests only where the token is accepted. */
    ANY,

    /** None: the guardian is off, by {@code guardian.disabled}, and nothing waits. */
    NOBODY;

    /** Whether enough replicas accept a token now. */
    public boolean isMet(TokenStatus tokenStatus) {
        return switch (this) {
            case EVERY -> tokenStatus.isAccepted();
            case ANY -> tokenStatus.isUsable();
            case NOBODY -> true;
        };
    }

    /** Whether enough replicas have accepted a token, now or at an earlier time. */
    public boolean wasMet(TokenStatus tokenStatus) {
        return switch (this) {
            case EVERY -> tokenStatus.everAccepted();
            case ANY -> tokenStatus.usable().everAny();
            case NOBODY -> true;
        };
    }
}
