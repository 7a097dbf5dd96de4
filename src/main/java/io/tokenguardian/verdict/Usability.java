package io.tokenguardian.verdict;

import io.tokenguardian.verdict.Evidence.JudgedResult;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether some replica accepts a token, and when to look for one that does. Immutable: each result makes a new one.
 *
 * <p>A replica's clock explains its refusal as not yet valid or expired, so another replica may accept. The search for
 * it takes at most {@link #SEARCH} new connections in a row, or {@link #SAME} if they all show one certificate: then
 * they may all lead to one replica. If all are refused, the token is not usable until one of these replicas accepts it.
 *
 * @param since when the first replica accepted the token; null if none is known to accept it
 * @param refused how many new connections in a row have led to replicas whose clocks refuse it
 * @param same how many of these, counted from the last, showed {@code certificate}
 * @param certificate the certificate of the last of these; null if there is none
 */
public record Usability(
        @Nullable Instant since,
        int refused,
        int same,
        @Nullable String certificate) {

    /** Where one of three replicas accepts, this many random connections miss it in 1 of 26 searches. */
    public static final int SEARCH = 8;

    /** Each costs a round trip at the end of the wait, when it has to accept too. */
    public static final int SAME = 3;

    /** Before the first result: not usable, and no search. */
    public static final Usability UNKNOWN = new Usability(null, 0, 0, null);

    /** Whether some replica accepts the token. */
    public boolean isUsable() {
        return since != null;
    }

    /** Whether more new connections are tried at once, because another replica may accept the token. */
    public boolean isSearching() {
        return refused > 0 && refused < SEARCH && same < SAME;
    }

    /** Some replica has refused the token: a search finds out whether another still accepts it. */
    public Usability inDoubt() {
        return since == null || refused > 0 ? this : new Usability(since, 1, 0, null);
    }

    /** Takes the result of a probe over a new connection. */
    public Usability afterNewConnection(JudgedResult judged) {
        return switch (judged.finding()) {
            case ACCEPTED -> accepted(judged.result().receivedAt());
            case NOT_YET_VALID, EXPIRED -> refused(judged);
            case REFUSED, UNREACHABLE -> this;
        };
    }

    /** Takes another result over a connection whose first result is known already. */
    public Usability afterSameConnection(JudgedResult judged) {
        return judged.finding() == Finding.ACCEPTED ? accepted(judged.result().receivedAt()) : this;
    }

    private Usability accepted(Instant at) {
        return new Usability(since == null ? at : since, 0, 0, null);
    }

    private Usability refused(JudgedResult judged) {
        String shown = judged.result().certificate();
        int sameAgain = refused > 0 && Objects.equals(shown, certificate) ? same + 1 : 1;
        Usability next = new Usability(since, refused + 1, sameAgain, shown);
        return next.isSearching() ? next : new Usability(null, next.refused, sameAgain, shown);
    }
}
