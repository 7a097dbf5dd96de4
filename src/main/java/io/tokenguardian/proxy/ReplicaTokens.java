package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which tokens the replica at the other end of one connection accepts and refuses, as its responses show. */
final class ReplicaTokens {

    private static final Comparator<ValidityStart> BY_START = (a, b) -> Long.signum(a.latest() - b.latest());

    /** One for each token; mostly empty. */
    private List<TokenRefusal> refusals = List.of();

    private boolean accepts;

    private @Nullable Token lastAccepted;

    /** Whether the replica's last word about any token was an acceptance. */
    boolean hasAccepted() {
        return accepts;
    }

    /** Whether the replica's last word was that it accepts {@code token}. */
    boolean hasAccepted(Token token) {
        return accepts && token.equals(lastAccepted);
    }

    void accepted(Token token) {
        accepts = true;
        lastAccepted = token;
        if (!refusals.isEmpty()) {
            refusals.removeIf(refusal -> refusal.token().equals(token));
        }
    }

    void forgetAcceptance() {
        accepts = false;
    }

    void refused(TokenRefusal newer) {
        accepts = false;
        List<TokenRefusal> next = new ArrayList<>();
        TokenRefusal latest = newer;
        for (TokenRefusal refusal : refusals) {
            if (refusal.token().equals(newer.token())) {
                latest = refusal.narrowedBy(newer);
            } else {
                next.add(refusal);
            }
        }
        next.add(latest);
        refusals = next;
    }

    /** Whether the replica may accept one of {@code usable} at {@code now}. */
    boolean mayAcceptOneOf(List<Token> usable, long now) {
        return usable.stream().anyMatch(token -> !refuses(token, now));
    }

    private boolean refuses(Token token, long now) {
        return refusals.stream().anyMatch(refusal -> refusal.token().equals(token) && refusal.mayHoldAt(now));
    }

    /**
     * The token to send to this replica: the first of {@code usable} that it does not refuse. If it refuses all, the
     * one that it will accept first.
     *
     * @param usable the best first; not empty
     */
    Token choose(List<Token> usable, long now) {
        if (refusals.isEmpty()) {
            return usable.get(0);
        }
        refusals.removeIf(refusal -> !usable.contains(refusal.token())); // it is not sent any more
        return usable.stream()
                .filter(token -> !refuses(token, now))
                .findFirst()
                .orElseGet(() -> refusals.stream()
                        .filter(refusal -> refusal.validityStart() != null && usable.contains(refusal.token()))
                        .min(Comparator.comparing(TokenRefusal::validityStart, BY_START))
                        .map(TokenRefusal::token)
                        .orElse(usable.get(0)));
    }

    /** When the replica will first accept a token that it refuses as not yet valid; null if there is none. */
    @Nullable
    ValidityStart firstStart() {
        return refusals.stream()
                .map(TokenRefusal::validityStart)
                .filter(start -> start != null)
                .min(BY_START)
                .orElse(null);
    }
}
