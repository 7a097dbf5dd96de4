package io.tokenguardian.proxy;

/** Whose tests have a case of the class. */
enum Corpus {
    LLHTTP("llhttp"),
    GO("Go net/http"),
    H11("h11"),
    KUBERNETES("kubernetes proxies"),
    ATTACKS("known attacks");

    private final String source;

    Corpus(String source) {
        this.source = source;
    }

    @Override
    public String toString() {
        return source;
    }
}
