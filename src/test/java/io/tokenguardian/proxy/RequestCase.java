package io.tokenguardian.proxy;

import java.util.ArrayList;
import java.util.List;

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

        /** Expects {@code field} (a name in lower case and its value) among the header fields. */
        LetIn with(String field) {
            return new LetIn(method, target, body, and(fields, field), missing);
        }

        /** Expects no header field of this name. */
        LetIn without(String name) {
            return new LetIn(method, target, body, fields, and(missing, name));
        }

        private static List<String> and(List<String> list, String another) {
            List<String> all = new ArrayList<>(list);
            all.add(another);
            return List.copyOf(all);
        }
    }

    private final Corpus corpus;
    private final String name;
    private final String rule;
    private String bytes = "";
    private List<LetIn> letIn = List.of();
    private int refusal;
    private Then then = Then.GOES_ON;
    private boolean mayBeCut;

    /**
     * Begins a case.
     *
     * @param rule the section that decides the case
     */
    RequestCase(Corpus corpus, String name, String rule) {
        this.corpus = corpus;
        this.name = name;
        this.rule = rule;
    }

    RequestCase sends(String sent) {
        bytes = sent;
        return this;
    }

    RequestCase letsIn(LetIn... requests) {
        letIn = List.of(requests);
        return this;
    }

    /** Expects a refusal and the connection's end after the accepted requests. */
    RequestCase refuses(int status) {
        refusal = status;
        then = Then.ENDS;
        return this;
    }

    /** Expects correct headers and a faulty body. The bytes sent on before the fault must not form a whole request. */
    RequestCase mayBeCut() {
        mayBeCut = true;
        return this;
    }

    RequestCase ends() {
        then = Then.ENDS;
        return this;
    }

    RequestCase callerLeaves() {
        then = Then.CALLER_LEAVES;
        return mayBeCut();
    }

    Corpus corpus() {
        return corpus;
    }

    String bytes() {
        return bytes;
    }

    List<LetIn> letIn() {
        return letIn;
    }

    int refusal() {
        return refusal;
    }

    Then then() {
        return then;
    }

    boolean canBeCut() {
        return mayBeCut;
    }

    @Override
    public String toString() {
        return corpus + ": " + name + " (" + rule + ")";
    }

    static LetIn request(String method, String target, String body) {
        return new LetIn(method, target, body, List.of(), List.of());
    }

    static LetIn request(String method, String target) {
        return request(method, target, "");
    }
}
