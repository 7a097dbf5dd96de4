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

    final String name;
    final String bytes;
    String method = "GET";
    Then then = Then.GOES_ON;

    /** Whether the next request goes over the same connection. */
    boolean reused;

    int status = 502;

    /** Null if any body is right. */
    @Nullable
    String body;

    boolean complete = true;
    boolean comesWhole;

    /** The 1xx that the caller reads first, each with its header fields. */
    List<String> informational = List.of();

    final List<String> fields = new ArrayList<>();
    final List<String> missing = new ArrayList<>();
    List<String> trailers = List.of();

    /** Begins a case in which the caller gets 502 and the connection ends. */
    AnswerCase(String name, String bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    AnswerCase to(String requestMethod) {
        method = requestMethod;
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
    AnswerCase reads(int code, String content) {
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

    AnswerCase after(String interim) {
        informational = List.of(interim);
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

    @Override
    public String toString() {
        return name;
    }
}
