package io.tokenguardian.proxy;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a caller sends, and the result: accepted requests, one after the other. After them comes a refusal, or the
 * connection's end, or an open connection on which the next request gets a response.
 */
final class RequestCase {

    /** What happens to the connection afterwards. */
    enum Then {
        GOES_ON,
        ENDS,
        /** The caller ends the connection, because the last request is incomplete. */
        CALLER_LEAVES
    }

    /** A request that the API server reads. */
    record LetIn(String method, String target, String body, List<String> fields, List<String> missing) {

        LetIn(String method, String target, String body) {
            this(method, target, body, List.of(), List.of());
        }

        /** Expects {@code field} (a name in lower case and its value) among the header fields. */
        LetIn with(String field) {
            return new LetIn(method, target, body, and(fields, field), missing);
        }

        /** Expects no header field of this name. */
        LetIn without(String name) {
            return new LetIn(method, target, body, fields, and(missing, name));
        }

        private static List<String> and(List<String> list, String another) {
            return Stream.concat(list.stream(), Stream.of(another)).toList();
        }
    }

    final String name;
    final String bytes;
    List<LetIn> letIn = List.of();

    /** The status of the refusal; 0 for none. */
    int refusal;

    Then then = Then.GOES_ON;
    boolean mayBeCut;

    RequestCase(String name, String bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    RequestCase letsIn(LetIn... requests) {
        letIn = List.of(requests);
        return this;
    }

    /** Expects a refusal and the connection's end after the accepted requests. */
    RequestCase refuses(int status) {
        refusal = status;
        return ends();
    }

    RequestCase ends() {
        then = Then.ENDS;
        return this;
    }

    /** Expects correct headers and a faulty body. The bytes sent on before the fault must not form a whole request. */
    RequestCase mayBeCut() {
        mayBeCut = true;
        return this;
    }

    RequestCase callerLeaves() {
        then = Then.CALLER_LEAVES;
        return mayBeCut();
    }

    @Override
    public String toString() {
        return name;
    }
}
