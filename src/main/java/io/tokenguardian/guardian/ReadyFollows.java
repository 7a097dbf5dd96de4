package io.tokenguardian.guardian;

/** What takes the check {@code ready} down after the first acceptance: {@code guardian.readiness.follows}. */
public enum ReadyFollows {
    /** Nothing, because most apps need the API server little, and a fault of one replica must not stop a service. */
    START,

    /** No known replica accepts a token. If no replica responds, nothing changes. */
    TOKEN;

    /** Whether {@code ready} is up. It turns up at the first acceptance that {@code acceptedBy} requires. */
    public boolean isReady(AcceptedBy acceptedBy, TokenStatus tokenStatus) {
        return acceptedBy.wasMet(tokenStatus) && (this == START || tokenStatus.isUsable());
    }
}
