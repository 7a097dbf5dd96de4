package io.tokenguardian.dev;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A failure that one replica shows on demand. */
public sealed interface Fault {

    /** A fault of a whole connection, from its acceptance on. */
    sealed interface OnConnection extends Fault {}

    sealed interface OnRequest extends Fault {}

    /** The connection is reset as soon as it is accepted. */
    record RefuseConnection() implements OnConnection {}

    /** The connection is accepted, and nothing is ever sent: half-open. */
    record SilentConnection() implements OnConnection {}

    /** Plain HTTP where TLS is expected. */
    record PlainHttp() implements OnConnection {}

    /** A wrong serving certificate. */
    record WrongCertificate(Flaw flaw) implements OnConnection {
        /** What is wrong with the certificate. */
        public enum Flaw {
            /** The right names, signed by an authority that no client knows. */
            OTHER_AUTHORITY,
            /** The right authority, but another name, and the address of only one replica. */
            OTHER_NAMES
        }
    }

    /** The token check, and all that follows, starts {@code delay} later. {@code Date} is taken after the delay. */
    record SlowCheck(Duration delay) implements OnRequest {}

    /** The request is executed and {@code Date} is taken. The response is sent {@code delay} later. */
    record SlowAnswer(Duration delay) implements OnRequest {}

    /** Like {@link SlowCheck}, but until {@code release} completes. */
    record HeldCheck(CompletionStage<?> release) implements OnRequest {}

    /** Like {@link SlowAnswer}, but until {@code release} completes. */
    record HeldAnswer(CompletionStage<?> release) implements OnRequest {}

    /**
     * The request is read, but neither executed nor answered. A request that the token check refuses is answered all
     * the same.
     */
    record Silence() implements OnRequest {}

    /** A response from something in front of the API server: without token check and execution. */
    record Instead(int status, Map<String, String> headers, String body) implements OnRequest {}

    /** The connection ends at {@code moment}. */
    record Cut(Moment moment, Manner manner) implements OnRequest {}

    /** When a connection is cut. Execution is between {@link #BEFORE_EXECUTION} and {@link #BEFORE_HEAD}. */
    enum Moment {
        /** The request's headers have arrived. Its body has not been read. */
        ON_REQUEST_HEAD,
        /**
         * The whole request has arrived, but was not executed. The client can't know that. A request that the token
         * check refuses is answered all the same.
         */
        BEFORE_EXECUTION,
        /** The request was executed. No byte of the response is sent. */
        BEFORE_HEAD,
        /** Half of the response's headers are sent. */
        IN_HEAD,
        /** The headers of the response are sent, and no byte of its body. */
        AFTER_HEAD,
        /** Half of the body is sent. */
        IN_BODY,
        /** The whole response is sent. */
        AFTER_ANSWER
    }

    /** How a connection is cut. */
    enum Manner {
        /** TCP reset. */
        RESET,
        /** {@code close_notify} and FIN, as from a server that shuts down. */
        CLOSE,
        /** FIN without {@code close_notify}. */
        TRUNCATE
    }

    /** The body is sent in pieces of {@code bytes} bytes, one each {@code interval}. */
    record SlowDrip(int bytes, Duration interval) implements OnRequest {}

    /** The response's {@code Date} is {@code value}; null leaves it out. */
    record DateHeader(@Nullable String value) implements OnRequest {}

    /** {@code Content-Length} is off by {@code bytes}. If it is too large, the connection closes after the body. */
    record WrongContentLength(int bytes) implements OnRequest {}

    /** After execution, {@code bytes} (ISO 8859-1), which are not HTTP, replace the response. The connection closes. */
    record Malformed(String bytes) implements OnRequest {}

    static Fault otherAuthority() {
        return new WrongCertificate(WrongCertificate.Flaw.OTHER_AUTHORITY);
    }

    static Fault otherNames() {
        return new WrongCertificate(WrongCertificate.Flaw.OTHER_NAMES);
    }

    static Fault reset(Moment moment) {
        return new Cut(moment, Manner.RESET);
    }

    static Fault close(Moment moment) {
        return new Cut(moment, Manner.CLOSE);
    }

    /** TLS ends without {@code close_notify}. */
    static Fault truncate(Moment moment) {
        return new Cut(moment, Manner.TRUNCATE);
    }

    /**
     * The connection closes without a response or execution, as when a keep-alive connection times out. A request that
     * the token check refuses is answered all the same.
     */
    static Fault emptyAnswer() {
        return new Cut(Moment.BEFORE_EXECUTION, Manner.CLOSE);
    }

    /** A response with any status and a body of text. */
    static Fault status(int status, String body) {
        return new Instead(status, Map.of("Content-Type", "text/plain; charset=utf-8"), body);
    }

    /** A 429 as priority and fairness sends it. */
    static Fault tooManyRequests(int retryAfterSeconds) {
        return new Instead(
                429,
                Map.of(
                        "Content-Type",
                        "text/plain; charset=utf-8",
                        "X-Content-Type-Options",
                        "nosniff",
                        "Retry-After",
                        Integer.toString(retryAfterSeconds)),
                "Too many requests, please try again later.\n");
    }
}
