package io.tokenguardian.guardian;

/** What a verdict is based on. */
public enum JudgedBy {
    /** The API server's responses to requests with the token. */
    REQUESTS("server"),

    /** The API server's responses to TokenReviews of the token. */
    REVIEWS("server"),

    /** The token's claims and the clocks of the API server's replicas, without a probe of the token. */
    CLOCKS("clock"),

    /** Nothing: the guardian is off, and treats the token in the file as accepted. */
    NOBODY("nobody");

    private final String word;

    JudgedBy(String word) {
        this.word = word;
    }

    /** Returns the word for this basis in the public JSON. */
    public String word() {
        return word;
    }
}
