package io.tokenguardian.proxy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A response from the API server, what the caller must read of it, and whether the connection is used again. */
final class AnswerCase {

    /** What the server does after it has sent its bytes. */
    enum Then {
        GOES_ON,
        /** Ends the connection with a TLS alert. */
        CLOSES,
        /** Closes the TCP connection without a TLS alert. */
        BREAKS_OFF
    }

    private final Corpus corpus;
    private final String name;
    private final String rule;
    private final String bytes;
    private String method = "GET";
    private String version = "HTTP/1.1";
    private Then then = Then.GOES_ON;
    private boolean reused;
    private int status = 502;
    private @Nullable String body;
    private boolean complete = true;
    private boolean comesWhole;
    private List<Integer> informational = List.of();
    private final List<String> fields = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private @Nullable List<String> trailers;

    /**
     * Begins a case in which the caller gets 502 and the connection ends.
     *
     * @param rule the section that decides the case
     */
    AnswerCase(Corpus corpus, String name, String rule, String bytes) {
        this.corpus = corpus;
        this.name = name;
        this.rule = rule;
        this.bytes = bytes;
    }

    AnswerCase to(String requestMethod) {
        method = requestMethod;
        return this;
    }

    AnswerCase toHttp10() {
        version = "HTTP/1.0";
        return this;
    }

    AnswerCase closes() {
        then = Then.CLOSES;
        return this;
    }

    AnswerCase breaksOff() {
        then = Then.BREAKS_OFF;
        return this;
    }

    /** Expects that the caller reads this response, and that the connection is used again. */
    AnswerCase reads(int code, @Nullable String content) {
        status = code;
        body = content;
        reused = true;
        return this;
    }

    /** Expects that the caller reads an incomplete response or 502, but no response that looks complete. */
    AnswerCase readsNothingWhole() {
        complete = false;
        return closed();
    }

    AnswerCase closed() {
        reused = false;
        return this;
    }

    /** Sends the response in one piece with the bytes after it. Later bytes would look like the next response. */
    AnswerCase comesWhole() {
        comesWhole = true;
        return this;
    }

    AnswerCase after(Integer... statuses) {
        informational = List.of(statuses);
        return this;
    }

    AnswerCase with(String field) {
        fields.add(field);
        return this;
    }

    AnswerCase without(String field) {
        missing.add(field);
        return this;
    }

    AnswerCase withTrailers(String... all) {
        trailers = List.of(all);
        return this;
    }

    Corpus corpus() {
        return corpus;
    }

    String bytes() {
        return bytes;
    }

    String method() {
        return method;
    }

    String version() {
        return version;
    }

    Then then() {
        return then;
    }

    /** Whether the next request goes over the same connection. */
    boolean isReused() {
        return reused;
    }

    int status() {
        return status;
    }

    /** Returns the right body, or null if any body is right. */
    @Nullable
    String body() {
        return body;
    }

    boolean isComplete() {
        return complete;
    }

    boolean hasToComeWhole() {
        return comesWhole;
    }

    List<Integer> informational() {
        return informational;
    }

    List<String> fields() {
        return fields;
    }

    List<String> missing() {
        return missing;
    }

    /** Returns the right trailers, or null if any trailers are right. */
    @Nullable
    List<String> trailers() {
        return trailers;
    }

    @Override
    public String toString() {
        return corpus + ": " + name + " (" + rule + ")";
    }
}
