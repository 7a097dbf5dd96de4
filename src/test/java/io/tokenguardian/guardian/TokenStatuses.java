package io.tokenguardian.guardian;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Token statuses as a guardian publishes them, for tests of code that displays them. */
public final class TokenStatuses {
    public static final String ADDRESS = "10.96.0.1:443";
    public static final String USER = "system:serviceaccount:shop:cart";

    private static final Duration LEEWAY = Duration.ofSeconds(60);

    private TokenStatuses() {}

    /** Returns a status without a token. */
    public static TokenStatus of(Instant at, Verdict verdict) {
        return new TokenStatus(
                at,
                verdict,
                null,
                ValidityWindow.UNBOUNDED,
                null,
                TokenStatus.Usable.NONE,
                List.of(),
                false,
                Duration.ZERO,
                false,
                null,
                null,
                refusedSince(verdict, at));
    }

    /**
     * Returns the status of {@code token}, which was written when it was issued, on a node whose clock has not been
     * set.
     */
    public static TokenStatus of(Instant at, Verdict verdict, Token token) {
        Instant issuedAt = token.claims().issuedAt();
        return of(at, verdict, token, issuedAt == null ? at : issuedAt);
    }

    /** Returns the status of {@code token}, which was written at {@code writtenAt} by the node's clock. */
    public static TokenStatus of(Instant at, Verdict verdict, Token token, Instant writtenAt) {
        return new TokenStatus(
                at,
                verdict,
                new Present(token, writtenAt),
                ValidityWindow.of(token, LEEWAY),
                null,
                usable(verdict, token),
                List.of(),
                verdict instanceof Verdict.Accepted,
                Duration.ZERO,
                false,
                null,
                null,
                refusedSince(verdict, at));
    }

    private static @Nullable Instant refusedSince(Verdict verdict, Instant at) {
        return verdict instanceof Verdict.Refused || verdict instanceof Verdict.Expired ? at : null;
    }

    private static TokenStatus.Usable usable(Verdict verdict, Token token) {
        if (verdict instanceof Verdict.NotYetValid first) {
            return new TokenStatus.Usable(List.of(), false, first);
        }
        boolean accepted = verdict instanceof Verdict.Accepted;
        return new TokenStatus.Usable(accepted ? List.of(token) : List.of(), accepted);
    }

    /** The parts of a status that tests change. */
    private static final class Parts {
        TokenStatus.@Nullable Candidate candidate;
        TokenStatus.Usable usable;
        List<KnownReplica> replicas;
        boolean everAccepted;
        Duration nodeClockShift;
        boolean off;

        @Nullable
        String keptBecause;

        @Nullable
        Instant resumedAt;

        @Nullable
        Instant refusedSince;

        Parts(TokenStatus of) {
            candidate = of.candidate();
            usable = of.usable();
            replicas = of.replicas();
            everAccepted = of.everAccepted();
            nodeClockShift = of.nodeClockShift();
            off = of.off();
            keptBecause = of.keptBecause();
            resumedAt = of.resumedAt();
            refusedSince = of.refusedSince();
        }
    }

    private static TokenStatus with(TokenStatus of, Consumer<Parts> change) {
        Parts to = new Parts(of);
        change.accept(to);
        return new TokenStatus(
                of.at(),
                of.verdict(),
                of.reading(),
                of.window(),
                to.candidate,
                to.usable,
                to.replicas,
                to.everAccepted,
                to.nodeClockShift,
                to.off,
                to.keptBecause,
                to.resumedAt,
                to.refusedSince);
    }

    /** Returns the same status, except that at least one replica accepts {@code usable}. */
    public static TokenStatus usable(TokenStatus of, Token usable) {
        return with(of, to -> to.usable = usable(new Verdict.Accepted(of.at(), null), usable));
    }

    /** Returns the same status, except that the token has been accepted before. */
    public static TokenStatus acceptedBefore(TokenStatus of) {
        return with(of, to -> to.everAccepted = true);
    }

    /** Returns the same status, except that the token's file can no longer be read. */
    public static TokenStatus kept(TokenStatus of, String because) {
        return with(of, to -> to.keptBecause = because);
    }

    /** Returns the same status after a gap that ended at {@code resumedAt}. */
    public static TokenStatus resumed(TokenStatus of, Instant resumedAt) {
        return with(of, to -> to.resumedAt = resumedAt);
    }

    /** Returns the same status, except that the token has been expired or refused for longer. */
    public static TokenStatus refusedSince(TokenStatus of, Instant since) {
        return with(of, to -> to.refusedSince = since);
    }

    public static TokenStatus with(TokenStatus of, KnownReplica... replicas) {
        return with(of, to -> to.replicas = List.of(replicas));
    }

    public static TokenStatus with(TokenStatus of, Token candidate) {
        return with(of, to -> to.candidate = new TokenStatus.Candidate(candidate, new Verdict.Pending()));
    }

    public static TokenStatus shifted(TokenStatus of, Duration nodeClockShift) {
        return with(of, to -> to.nodeClockShift = nodeClockShift);
    }

    /** Returns the same status of a guardian that is off. */
    public static TokenStatus off(TokenStatus of) {
        return with(of, to -> to.off = true);
    }

    /**
     * Returns a replica that was probed at {@code at}. Its clock offset is between {@code offset} and a second more, or
     * unknown for null.
     */
    public static KnownReplica replica(Finding finding, Instant at, @Nullable Duration offset) {
        ClockEstimate clock = offset == null ? null : ClockEstimate.of(new Sample(at, at, at.plus(offset)));
        return new KnownReplica(ADDRESS, "a", List.of(), clock, finding, finding == Finding.ACCEPTED ? USER : null, at);
    }

    /**
     * Returns an accepting replica with a certificate for {@code name}. At {@code at}, its clock offset is
     * {@code ahead} ± 0.5 s.
     */
    public static KnownReplica named(String name, Instant at, Duration ahead) {
        Instant halfASecondLater = at.plusMillis(500);
        ClockEstimate clock = ClockEstimate.of(new Sample(halfASecondLater, halfASecondLater, at.plus(ahead)));
        return new KnownReplica(ADDRESS, certificate(name), List.of(name), clock, Finding.ACCEPTED, null, at);
    }

    /** Returns the text that {@link #named} uses as the SHA-256 of the certificate for {@code name}. */
    public static String certificate(String name) {
        return "certificate of " + name;
    }
}
