package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.replica.Finding;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the probes show about one token: over consecutive new connections, and the refusals of known replicas.
 * Immutable.
 *
 * @param confirmed on how many new connections in a row it was accepted; 0 while a replica is known to refuse it as not
 *     yet valid
 * @param connections how many new connections have received a response
 * @param unreachable why the last probes got no usable response; null after one
 */
public record Series(
        int confirmed,
        Verdict.@Nullable Accepted accepted,
        int connections,
        @Nullable Refusal refusal,
        @Nullable String unreachable) {

    public static final Series NONE = new Series(0, null, 0, null, null);

    /**
     * A refusal that waiting does not fix, until enough acceptances or a not-yet-valid refusal end it. It has the
     * certificate of the last replica that refused. It {@code counts} unless another probe has yet to confirm it.
     */
    public record Refusal(Verdict verdict, @Nullable String certificate, int inARow, boolean counts) {

        /** An expired token is refused until enough replicas accept it, whichever they are. */
        @Nullable
        Refusal afterAcceptance(boolean byAnother) {
            if (byAnother) {
                return this;
            }
            return verdict instanceof Verdict.Expired ? new Refusal(verdict, null, inARow, counts) : null;
        }
    }

    /** Returns the verdict of a refusal that counts, whatever other replicas show; null if none. */
    @Nullable
    Verdict refusalVerdict() {
        return refusal != null && refusal.counts() ? refusal.verdict() : null;
    }

    boolean isRefuserUnmet(ProbeResult result) {
        return refusal != null
                && refusal.certificate() != null
                && !Objects.equals(refusal.certificate(), result.certificate());
    }

    Series withConnection() {
        return new Series(confirmed, accepted, connections + 1, refusal, unreachable);
    }

    /**
     * After an acceptance over a new connection. It does not count while a replica is known to refuse the token as not
     * yet valid; the row then begins anew. {@code enough} acceptances end a refusal.
     */
    Series afterAcceptance(ProbeResult result, boolean counts, boolean enough) {
        Refusal remaining = refusal == null || enough ? null : refusal.afterAcceptance(isRefuserUnmet(result));
        return new Series(counts ? confirmed + 1 : 0, accepted, connections, remaining, null);
    }

    /** Enough new connections in a row have led to acceptances. */
    Series accept(Verdict.Accepted acceptance) {
        return new Series(confirmed, acceptance, connections, refusal, unreachable);
    }

    Series afterNotYetValid() {
        return new Series(0, null, connections, null, null);
    }

    Series afterRefusal(TokenTerms terms, ProbeResult result, Finding finding) {
        Instant until = terms.window().until();
        Verdict verdict = until != null && finding == Finding.EXPIRED
                ? new Verdict.Expired(result.address(), result.certificate(), until)
                : Verdict.Refused.of(result);
        boolean probeOnceMore = refusal == null
                && verdict instanceof Verdict.Refused
                && (accepted != null || terms.isYoungAt(result.date()));
        int inARow = refusal == null ? 1 : refusal.inARow() + 1;
        Refusal latest = new Refusal(verdict, result.certificate(), inARow, !probeOnceMore);
        return new Series(0, probeOnceMore ? accepted : null, connections, latest, null);
    }

    /** Proves nothing: an acceptance or a refusal remains. */
    Series afterNoAnswer(ProbeResult result) {
        return new Series(
                accepted == null ? 0 : confirmed,
                accepted,
                connections,
                refusal,
                result.outcome().explanation());
    }
}
