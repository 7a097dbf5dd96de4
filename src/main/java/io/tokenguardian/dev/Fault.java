package io.tokenguardian.dev;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Something that goes wrong on demand, on one replica. */
public sealed interface Fault {

    /** What befalls a whole connection, as it is accepted. */
    sealed interface OnConnection extends Fault {}

    /** What befalls one request. */
    sealed interface OnRequest extends Fault {}

    /** The connection is reset as soon as it is accepted. */
    record RefuseConnection() implements OnConnection {}

    /** The connection is accepted, and then nothing is ever said: half-open. */
    record SilentConnection() implements OnConnection {}

    /** Plain HTTP where TLS is expected. */
    record PlainHttp() implements OnConnection {}

    /** A serving certificate that does not fit. */
    record WrongCertificate(Flaw flaw) implements OnConnection {
        /** What is wrong with it. */
        public enum Flaw {
            /** Good names, signed by an authority that nobody was told of. */
            OTHER_AUTHORITY,
            /** The right authority, names of another server. */
            OTHER_NAMES
        }
    }

    /** The check of the token, and all that follows, begins {@code delay} later; {@code Date} is from after it. */
    record SlowCheck(Duration delay) implements OnRequest {}

    /** Everything was done and dated, then the answer stays on its way for {@code delay}. */
    record SlowAnswer(Duration delay) implements OnRequest {}

    /** As {@link SlowCheck}, until {@code release} completes. */
    record HeldCheck(CompletionStage<?> release) implements OnRequest {}

    /** As {@link SlowAnswer}, until {@code release} completes. */
    record HeldAnswer(CompletionStage<?> release) implements OnRequest {}

    /** The request is read and never answered, nor executed. */
    record Silence() implements OnRequest {}

    /** An answer from something before the API server: no check, no execution. */
    record Instead(int status, Map<String, String> headers, String body) implements OnRequest {}

    /** The connection ends at {@code moment}. */
    record Cut(Moment moment, Manner manner) implements OnRequest {}

    /** When a connection is cut. Before {@link #BEFORE_HEAD}, nothing was executed; from there on, all was. */
    enum Moment {
        /** The request's head has come, its body has not been read. */
        ON_REQUEST_HEAD,
        /** The request has come whole. Nothing was executed, and the client can't know. */
        BEFORE_EXECUTION,
        /** Executed; no byte of the answer is sent. */
        BEFORE_HEAD,
        /** Half of the answer's head is sent (over HTTP/2 as {@link #BEFORE_HEAD}). */
        IN_HEAD,
        /** The head of the answer is sent, no byte of its body. */
        AFTER_HEAD,
        /** Half of the body is sent. */
        IN_BODY,
        /** The whole answer is sent. */
        AFTER_ANSWER
    }

    /** How a connection is cut. */
    enum Manner {
        /** TCP reset. */
        RESET,
        /** {@code close_notify} and FIN, as a server that shuts down. */
        CLOSE,
        /** FIN without {@code close_notify}. */
        TRUNCATE,
        /** RST_STREAM on the one stream, as when a handler of Go's server panics; over HTTP/1.1 as {@link #CLOSE}. */
        ABORT
    }

    /** Body in pieces of {@code bytes}, one each {@code interval}. */
    record SlowDrip(int bytes, Duration interval) implements OnRequest {}

    /** The answer's {@code Date} is {@code value}; null leaves it out. */
    record DateHeader(@Nullable String value) implements OnRequest {}

    /** {@code Content-Length} is off by {@code bytes}; if it promises too much, the connection closes after the body. */
    record WrongContentLength(int bytes) implements OnRequest {}

    /** Bytes (as ISO 8859-1) that are no HTTP in the place of the answer, after the execution; then the connection closes. */
    record Malformed(String bytes) implements OnRequest {}

    /** HTTP/2: GOAWAY with the answer, and a graceful end, as by {@code --goaway-chance}. HTTP/1.1: nothing. */
    record GoAway() implements OnRequest {}

    static Fault refuseConnection() {
        return new RefuseConnection();
    }

    static Fault silentConnection() {
        return new SilentConnection();
    }

    static Fault plainHttp() {
        return new PlainHttp();
    }

    static Fault otherAuthority() {
        return new WrongCertificate(WrongCertificate.Flaw.OTHER_AUTHORITY);
    }

    static Fault otherNames() {
        return new WrongCertificate(WrongCertificate.Flaw.OTHER_NAMES);
    }

    static Fault slowCheck(Duration delay) {
        return new SlowCheck(delay);
    }

    static Fault slowAnswer(Duration delay) {
        return new SlowAnswer(delay);
    }

    static Fault heldCheck(CompletionStage<?> release) {
        return new HeldCheck(release);
    }

    static Fault heldAnswer(CompletionStage<?> release) {
        return new HeldAnswer(release);
    }

    static Fault silence() {
        return new Silence();
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

    /** The connection closes without a byte of an answer, and nothing was executed: a keep-alive that ran out. */
    static Fault emptyAnswer() {
        return new Cut(Moment.BEFORE_EXECUTION, Manner.CLOSE);
    }

    /** 5xx or whatever else, with a body of text. */
    static Fault status(int status, String body) {
        return new Instead(status, Map.of("Content-Type", "text/plain; charset=utf-8"), body);
    }

    /** 429 as priority-and-fairness sends it. */
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

    static Fault slowDrip(int bytes, Duration interval) {
        return new SlowDrip(bytes, interval);
    }

    static Fault noDate() {
        return new DateHeader(null);
    }

    static Fault malformed(String text) {
        return new Malformed(text);
    }
}
