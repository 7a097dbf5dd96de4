package io.tokenguardian.status;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.RightTime.Clock;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link ReportedCause} of a refusal that depends on clocks: compares the {@link RightTime} with the clock of
 * the refusing replica and with the clock that stamped the token.
 */
final class ComparedClocks {
    /** A smaller difference may just be the time between issuing and writing a token. */
    private static final Duration NOTABLE = RightTime.AGREEING;

    private final TokenStatus tokenStatus;
    private final @Nullable Token token;
    private final RightTime time;
    private final Map<String, String> values = new HashMap<>();

    /** How far the refusing replica's clock is ahead of the node's clock; null if unknown. */
    private final @Nullable Duration refuserAhead;

    /** The offset of the right time from this node's clock. Zero if this node's clock is right. */
    private final Duration base;

    /** @param clock the offset of the refusing replica's clock in the verdict; null if the verdict contains none */
    private ComparedClocks(
            TokenStatus tokenStatus,
            @Nullable Token token,
            String address,
            @Nullable String certificate,
            @Nullable OffsetInterval clock) {
        this.tokenStatus = tokenStatus;
        this.token = token;
        this.time = RightTime.of(tokenStatus);
        this.base = time.right().ahead().midpoint();
        Duration shift = tokenStatus.nodeClockShift();
        Optional<NamedReplica> refuser = NamedReplica.find(tokenStatus, certificate, clock);
        OffsetInterval known = clock == null
                ? refuser.map(it -> it.observedReplica().aheadOfNode(tokenStatus.at(), shift))
                        .orElse(null)
                : clock.minus(shift);
        refuserAhead = known == null ? null : known.midpoint();
        values.put("replica", refuser.map(NamedReplica::name).orElse(address));
        values.put("base", time.base());
        values.put("off", refuserAhead == null ? "" : time.difference(refuserAhead.minus(base)));
        values.put("or node's", time.orNode());
    }

    /** @param left the time until the token is accepted, if the text should state it */
    static Explanation explain(
            Verdict.NotYetValid notYet, @Nullable Token token, TokenStatus tokenStatus, Optional<Duration> left) {
        ComparedClocks clocks =
                new ComparedClocks(tokenStatus, token, notYet.address(), notYet.certificate(), notYet.clockOffset());
        Duration lead = clocks.stampLead().minus(clocks.base);
        clocks.values.put("from", notYet.from().toString());
        clocks.values.put("left", left.map(it -> ": in " + Seconds.text(it)).orElse(""));
        clocks.values.put("lead", Seconds.text(lead));
        clocks.values.put(
                "refusal", ReportedCause.CLOCK_HIDDEN.explain(clocks.values).sentence());
        return clocks.cause(notYet, lead).explain(clocks.values);
    }

    static Explanation explain(Verdict.Expired expired, @Nullable Token token, TokenStatus tokenStatus) {
        ComparedClocks clocks = new ComparedClocks(tokenStatus, token, expired.address(), expired.certificate(), null);
        clocks.values.put("until", expired.until().toString());
        clocks.values.put(
                "refusal", ReportedCause.EXPIRED.explain(clocks.values).sentence());
        return clocks.cause(expired).explain(clocks.values);
    }

    private ReportedCause cause(Verdict.NotYetValid notYet, Duration lead) {
        if (refuserAhead == null) {
            return ReportedCause.CLOCK_HIDDEN;
        }
        if (base.minus(refuserAhead).compareTo(lead) >= 0) {
            Instant end = end();
            Instant accepted = notYet.acceptableBy();
            boolean tooLate =
                    end != null && accepted != null && !onBase(accepted).isBefore(end);
            return tooLate ? ReportedCause.REPLICA_FAR_BEHIND : ReportedCause.REPLICA_BEHIND;
        }
        Clock fastest = time.clocks().stream()
                .filter(clock -> !clock.isNode())
                .max(Comparator.comparing(clock -> clock.ahead().midpoint()))
                .orElse(time.right());
        Duration fastestLead = fastest.aheadOf(time.right());
        values.put("issuer", fastest.name());
        return fastestLead.compareTo(NOTABLE) > 0 && fastestLead.plus(NOTABLE).compareTo(lead) >= 0
                ? ReportedCause.KNOWN_ISSUER_AHEAD
                : ReportedCause.ISSUER_AHEAD;
    }

    private ReportedCause cause(Verdict.Expired expired) {
        Instant end = end();
        if (refuserAhead == null || end == null || !onNode(tokenStatus.at()).isBefore(end)) {
            return ReportedCause.EXPIRED;
        }
        if (onBase(tokenStatus.at()).isBefore(expired.until())) {
            return ReportedCause.REPLICA_AHEAD;
        }
        values.put("off", time.difference(base.negated()));
        return ReportedCause.NODE_BEHIND;
    }

    /**
     * Returns how far the clock that stamped the token was ahead of the node's clock, at least. The file may have been
     * written long after the token was issued, so the token's start is compared with the present too.
     */
    private Duration stampLead() {
        boolean wasRead = token != null && token.equals(tokenStatus.token());
        Duration ahead = tokenStatus
                .nodeClockLead()
                .filter(it -> wasRead)
                .orElse(Duration.ZERO)
                .negated();
        Duration now = Optional.ofNullable(token)
                .flatMap(it -> it.claims().validFrom())
                .map(from -> Duration.between(onNode(tokenStatus.at()), from))
                .orElse(Duration.ZERO);
        return ahead.compareTo(now) > 0 ? ahead : now;
    }

    private @Nullable Instant end() {
        return token == null ? null : token.claims().expiresAt();
    }

    private Instant onNode(Instant at) {
        return at.plus(tokenStatus.nodeClockShift());
    }

    private Instant onBase(Instant at) {
        return onNode(at).plus(base);
    }
}
