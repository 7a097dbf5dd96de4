package io.tokenguardian.guardian;

/** Which replicas must accept a token before a wait for it ends: {@code guardian.readiness.accepted-by}. */
public enum AcceptedBy {
    /** Every known replica, because an app that reads the token file may reach any of them. */
    EVERY,

    /** Any one replica, because the proxy sends requests only to replicas that accept the token. */
    ANY,

    /** No replica: {@code guardian.disabled} has turned the guardian off, and nothing waits. */
    NOBODY;

    public boolean isMet(TokenStatus tokenStatus) {
        return switch (this) {
            case EVERY -> tokenStatus.isAccepted();
            case ANY -> tokenStatus.isUsable();
            case NOBODY -> true;
        };
    }

    public boolean wasMet(TokenStatus tokenStatus) {
        return switch (this) {
            case EVERY -> tokenStatus.everAccepted();
            case ANY -> tokenStatus.usable().everAny();
            case NOBODY -> true;
        };
    }
}
