package io.tokenguardian.standin;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** A failure that a replica produces on demand. */
public sealed interface Fault {

    /** A fault that affects an entire connection, as soon as it is accepted. */
    sealed interface OnConnection extends Fault {}

    sealed interface OnRequest extends Fault {}

    /** The connection is reset as soon as it is accepted. */
    record RefuseConnection() implements OnConnection {}

    /** The connection is accepted, but nothing is ever sent (half-open). */
    record SilentConnection() implements OnConnection {}

    /** The server speaks plain HTTP where TLS is expected. */
    record PlainHttp() implements OnConnection {}

    /** The server presents a wrong certificate. */
    record WrongCertificate(Flaw flaw) implements OnConnection {
        /** What is wrong with the certificate. */
        public enum Flaw {
            /** The names are right, but clients don't trust the authority that signed the certificate. */
            OTHER_AUTHORITY,
            /**
             * The authority is right, but the certificate contains only a wrong name and the address of one replica.
             */
            OTHER_NAMES
        }
    }

    /**
     * The request is executed and the {@code Date} is set immediately, but the response is sent only after
     * {@code release} completes.
     */
    record HeldAnswer(CompletionStage<?> release) implements OnRequest {}

    /**
     * The request is read, but neither executed nor answered. A request that the token check refuses still gets its
     * 401.
     */
    record Silence() implements OnRequest {}

    /** Something in front of the API server responds, without checking the token or executing the request. */
    record Instead(int status, Map<String, String> headers, String body) implements OnRequest {}

    /** The connection is cut at {@code moment}. */
    record Cut(Moment moment, Manner manner) implements OnRequest {}

    /**
     * The point at which a connection is cut. The request is executed between {@link #BEFORE_EXECUTION} and
     * {@link #BEFORE_HEAD}.
     */
    enum Moment {
        /** The request's headers have arrived, but its body has not been read. */
        ON_REQUEST_HEAD,
        /**
         * The whole request has arrived but has not been executed. The client can't know this. A request that the token
         * check refuses still gets its 401.
         */
        BEFORE_EXECUTION,
        /** The request has been executed, but no byte of the response has been sent. */
        BEFORE_HEAD,
        /** Half of the response headers have been sent. */
        IN_HEAD,
        /** The response headers have been sent, but none of the body. */
        AFTER_HEAD,
        /** Half of the body has been sent. */
        IN_BODY,
        /** The whole response has been sent. */
        AFTER_ANSWER
    }

    /** How a connection is cut. */
    enum Manner {
        /** TCP reset. */
        RESET,
        /** {@code close_notify} and FIN, as when a server shuts down. */
        CLOSE,
        /** FIN without {@code close_notify}. */
        TRUNCATE
    }

    /** The body is sent in pieces of {@code bytes} bytes, one piece per {@code interval}. */
    record SlowDrip(int bytes, Duration interval) implements OnRequest {}

    /**
     * {@code Content-Length} exceeds the length of the body by {@code bytes} (falls short of it, if negative). If it is
     * too large, the connection closes after the body.
     */
    record WrongContentLength(int bytes) implements OnRequest {}

    /**
     * The request is executed, but instead of a response, the server sends {@code bytes} (ISO 8859-1), which are not
     * HTTP. Then the connection closes.
     */
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

    /** Ends the connection without {@code close_notify}. */
    static Fault truncate(Moment moment) {
        return new Cut(moment, Manner.TRUNCATE);
    }

    /**
     * Closes the connection without executing or answering the request, as when a keep-alive connection times out. A
     * request that the token check refuses still gets its 401.
     */
    static Fault emptyAnswer() {
        return new Cut(Moment.BEFORE_EXECUTION, Manner.CLOSE);
    }

    /** Responds with the given status and a text body. */
    static Fault status(int status, String body) {
        return new Instead(status, Map.of("Content-Type", "text/plain; charset=utf-8"), body);
    }

    /** Responds with a 429, as the API server's priority and fairness does. */
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
