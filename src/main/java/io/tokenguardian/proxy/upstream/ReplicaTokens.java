package io.tokenguardian.proxy.upstream;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The tokens that the replica of one connection has accepted and refused over it. */
public final class ReplicaTokens {

    /** How long an acceptance remains certain after a 401 that turned out to be a backend's. */
    static final Backoff PAUSES = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** At most one for each token. Usually empty. */
    private List<TokenRefusal> refusals = List.of();

    /** Null unless the replica's latest response about a token was an acceptance. */
    private @Nullable Token accepted;

    /** Whether a 401 that may be a backend's has put {@link #accepted} in doubt. */
    private boolean doubted;

    private int doubts;

    /** The time before which the acceptance is not put in doubt again. */
    private long certainUntil;

    /** Null unless the connection was made to the replica's own address. */
    private @Nullable DirectReplica replica;

    void setReplica(DirectReplica direct) {
        replica = direct;
    }

    boolean hasAccepted() {
        return accepted != null;
    }

    boolean hasAccepted(Token token) {
        return token.equals(accepted);
    }

    public boolean isProven(Token token) {
        return hasAccepted(token) && !doubted;
    }

    /**
     * Called after a 401 that is either a backend's, or the replica's own because it no longer accepts the token. A
     * backend may send thousands of 401s, so the pauses between doubts double.
     */
    public void doubt(long now) {
        if (doubts == 0 || now - certainUntil >= 0) {
            doubted = true;
            doubts++;
            certainUntil = now + PAUSES.pause(doubts, () -> 0).toNanos();
        }
    }

    void accepted(Token token) {
        accepted = token;
        doubted = false;
        if (!refusals.isEmpty()) {
            refusals.removeIf(refusal -> refusal.token().equals(token));
        }
    }

    void forgetAcceptance() {
        accepted = null;
    }

    void refused(TokenRefusal newer) {
        forgetAcceptance();
        List<TokenRefusal> next = new ArrayList<>();
        TokenRefusal latest = newer;
        for (TokenRefusal refusal : refusals) {
            if (refusal.token().equals(newer.token())) {
                latest = refusal.followedBy(newer);
            } else {
                next.add(refusal);
            }
        }
        next.add(latest);
        refusals = next;
        if (replica != null) {
            replica.refused(latest);
        }
    }

    public boolean mayAcceptOneOf(List<Token> usable, long now) {
        return usable.stream().anyMatch(token -> !refuses(token, now));
    }

    private boolean refuses(Token token, long now) {
        return refusals.stream().anyMatch(refusal -> refusal.token().equals(token) && refusal.mayHoldAt(now));
    }

    /**
     * Returns the first token that the replica accepts according to the guardian's probes, or else the first that it
     * has not refused, or else the token that it will accept first.
     *
     * @param usable best first; not empty
     * @param nanoTime read only if refusals may exist
     */
    public Token choose(List<Token> usable, LongSupplier nanoTime) {
        DirectReplica direct = usable.size() == 1 ? null : replica;
        if (refusals.isEmpty() && (direct == null || direct.accepts(usable.get(0)))) {
            return usable.get(0);
        }
        if (!refusals.isEmpty()) {
            refusals.removeIf(refusal -> !usable.contains(refusal.token())); // these tokens are no longer sent
        }
        long now = nanoTime.getAsLong();
        List<Token> open = usable.stream().filter(token -> !refuses(token, now)).toList();
        return open.stream()
                .filter(token -> direct != null && direct.accepts(token))
                .findFirst()
                .or(() -> open.stream().findFirst())
                .orElseGet(() -> firstToEnd().map(TokenRefusal::token).orElse(usable.get(0)));
    }

    /** The earliest start among the tokens that the replica refuses as not yet valid; null for none. */
    @Nullable
    ValidityStart firstStart() {
        return firstToEnd().map(TokenRefusal::validityStart).orElse(null);
    }

    private Optional<TokenRefusal> firstToEnd() {
        return refusals.stream()
                .filter(refusal -> refusal.validityStart() != null)
                .min(Comparator.comparing(TokenRefusal::validityStart, ValidityStart.BY_LATEST));
    }
}
