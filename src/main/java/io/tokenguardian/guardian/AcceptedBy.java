package io.tokenguardian.guardian;

/** Which replicas have to accept a token before what waits for it goes on: {@code guardian.readiness.accepted-by}. */
public enum AcceptedBy {
    /** Every replica that is known: an app that reads the token file may reach any of them. */
    EVERY,

    /** One replica: the proxy sends requests to those that accept. */
    ANY;

    /** Whether enough replicas accept a token now. */
    public boolean isMet(TokenStatus tokenStatus) {
        return this == ANY ? tokenStatus.isUsable() : tokenStatus.isAccepted();
    }

    /** Whether enough replicas have accepted a token, now or at an earlier time. */
    public boolean wasMet(TokenStatus tokenStatus) {
        return this == ANY ? tokenStatus.usable().everAny() : tokenStatus.started();
    }
}
