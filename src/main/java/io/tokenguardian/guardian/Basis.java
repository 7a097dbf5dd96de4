package io.tokenguardian.guardian;

/** What a verdict rests on. */
public enum Basis {
    /** The API server's answers to requests that were sent with the token. */
    REQUESTS("server"),

    /** The API server's answers to TokenReviews of the token. */
    REVIEWS("server"),

    /** What the token claims, against the clocks of the API server's replicas: nobody was asked about it. */
    CLOCKS("clock");

    private final String word;

    Basis(String word) {
        this.word = word;
    }

    /** The contract's word. */
    public String word() {
        return word;
    }
}
