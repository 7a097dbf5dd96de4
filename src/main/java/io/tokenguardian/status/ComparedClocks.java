package io.tokenguardian.status;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.RightTime.Clock;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link ClockCause} of a refusal, while the token is not accepted: compares the {@link RightTime} with the
 * clock of the refusing replica and with the clock that stamped the token.
 */
final class ComparedClocks {
    /** A smaller difference may just be the time between issuing and writing a token. */
    private static final Duration NOTABLE = RightTime.AGREEING;

    private static final String LOG_LINE =
            " In the API server's log this clock skew reads \"service account token is not"
                    + " valid yet\"; up to 1.22, \"Token could not be validated\".";

    private final TokenStatus tokenStatus;
    private final Map<String, String> values = new HashMap<>();

    /** How far the refusing replica's clock is ahead of the node's clock; null if unknown. */
    private final @Nullable Duration refuserAhead;

    private final List<Clock> others;

    /** The offset of the right time from this node's clock. Zero if this node's clock is right. */
    private final Duration base;

    private final boolean nodeIsOff;

    /** @param clock the offset of the refusing replica's clock in the verdict; null if the verdict contains none */
    private ComparedClocks(
            TokenStatus tokenStatus, String address, @Nullable String certificate, @Nullable OffsetInterval clock) {
        this.tokenStatus = tokenStatus;
        Duration shift = tokenStatus.nodeClockShift();
        Optional<NamedReplica> refuser = NamedReplica.find(tokenStatus, certificate, clock);
        Optional<String> name = refuser.map(NamedReplica::name);
        others = RightTime.replicas(tokenStatus).stream()
                .filter(each -> !name.equals(Optional.of(each.name())))
                .toList();
        OffsetInterval known = clock == null
                ? refuser.map(it -> it.observedReplica().aheadOfNode(tokenStatus.at(), shift))
                        .orElse(null)
                : clock.minus(shift);
        refuserAhead = known == null ? null : known.midpoint();
        List<Clock> all = new ArrayList<>(others);
        if (known != null) {
            all.add(new Clock(name.orElse(address), known));
        }
        Clock right = RightTime.withNode(all).right();
        base = right.ahead().midpoint();
        nodeIsOff = !right.isNode();

        String theBase = nodeIsOff ? "the other replicas'" : "this node's";
        values.put("base", theBase);
        String theReplica = "the API server replica " + name.orElse("at " + address);
        values.put("the replica", theReplica);
        values.put("Replica", "T" + theReplica.substring(1));
        values.put("replica's", name.map(it -> it + "'s").orElse("that replica's"));
        values.put("Replica's", name.orElse(address) + "'s");
        values.put("off", refuserAhead == null ? "" : difference(refuserAhead.minus(base)) + " " + theBase);
        values.put("node", difference(base.negated()) + " theirs");
        values.put("off by", Seconds.text(refuserAhead == null ? Duration.ZERO : refuserAhead.minus(base)));
        values.put("node off by", Seconds.text(base));
    }

    /** Returns the cause in a few words. {@code {left}} is a placeholder for the time until the token is accepted. */
    static String headline(Verdict.NotYetValid notYet, TokenStatus tokenStatus) {
        ComparedClocks clocks =
                new ComparedClocks(tokenStatus, notYet.address(), notYet.certificate(), notYet.clockOffset());
        Duration lead = clocks.stampLead().minus(clocks.base);
        clocks.values.put("lead", Seconds.text(lead));
        clocks.values.put(
                "works",
                tokenStatus.isOnlyUsable()
                        ? " Every replica accepts the token in {left}."
                        : " The token works in {left}.");
        return clocks.cause(notYet, lead).headline(clocks.values);
    }

    static String headline(Verdict.Expired expired, TokenStatus tokenStatus) {
        ComparedClocks clocks = new ComparedClocks(tokenStatus, expired.address(), expired.certificate(), null);
        return clocks.expiryCause(expired).headline(clocks.values);
    }

    /** @param left the time until the token is accepted, if the text should state it */
    static Explanation explain(Verdict.NotYetValid notYet, TokenStatus tokenStatus, Optional<Duration> left) {
        ComparedClocks clocks =
                new ComparedClocks(tokenStatus, notYet.address(), notYet.certificate(), notYet.clockOffset());
        return clocks.notYet(notYet, left);
    }

    static Explanation explain(Verdict.Expired expired, TokenStatus tokenStatus) {
        ComparedClocks clocks = new ComparedClocks(tokenStatus, expired.address(), expired.certificate(), null);
        clocks.values.put("until", expired.until().toString());
        return clocks.expiryCause(expired).explain(clocks.values);
    }

    private Explanation notYet(Verdict.NotYetValid notYet, Optional<Duration> left) {
        Duration lead = stampLead().minus(base);
        values.put("from", notYet.from().toString());
        values.put("left", left.map(time -> ": in " + Seconds.text(time)).orElse(""));
        values.put("lead", Seconds.text(lead));
        values.put("stamp sentence", lead.compareTo(NOTABLE) > 0 ? stampSentence(lead) : "");
        Explanation explanation = cause(notYet, lead).explain(values);
        String node = nodeIsOff ? " This node's clock is " + values.get("node") + ": set it too." : "";
        return new Explanation(explanation.sentence(), explanation.advice() + node + LOG_LINE);
    }

    private String stampSentence(Duration lead) {
        return " The token was stamped by a clock " + Seconds.text(lead) + " ahead of "
                + (nodeIsOff ? "the other replicas'." : "this node's.");
    }

    private ClockCause cause(Verdict.NotYetValid notYet, Duration lead) {
        if (refuserAhead == null) {
            return ClockCause.CLOCK_HIDDEN;
        }
        if (base.minus(refuserAhead).compareTo(lead) >= 0) {
            Instant end = end();
            Instant accepted = notYet.acceptableBy();
            boolean tooLate =
                    end != null && accepted != null && !onBase(accepted).isBefore(end);
            return tooLate ? ClockCause.REPLICA_FAR_BEHIND : ClockCause.REPLICA_BEHIND;
        }
        Optional<Clock> issuer = others.stream()
                .max(Comparator.comparing(other -> other.ahead().midpoint()))
                .filter(fastest -> fastest.ahead().midpoint().minus(base).compareTo(NOTABLE) > 0
                        && fastest.ahead().midpoint().plus(NOTABLE).compareTo(base.plus(lead)) >= 0);
        issuer.ifPresent(it -> values.put("issuer's", it.name() + "'s"));
        return issuer.isPresent() ? ClockCause.KNOWN_ISSUER_AHEAD : ClockCause.ISSUER_AHEAD;
    }

    private ClockCause expiryCause(Verdict.Expired expired) {
        Instant end = end();
        if (refuserAhead == null || end == null || !onNode(tokenStatus.at()).isBefore(end)) {
            return tokenStatus.expiredInGapUntil() == null ? ClockCause.KUBELET_LATE : ClockCause.EXPIRED_IN_GAP;
        }
        // The text states that all clocks are past expired.until(), which is the token's end plus the leeway.
        if (!onBase(tokenStatus.at()).isBefore(expired.until())) {
            return ClockCause.NODE_BEHIND;
        }
        return others.isEmpty() && !tokenStatus.isUsable()
                ? ClockCause.REPLICA_AHEAD_OR_NODE_BEHIND
                : ClockCause.REPLICA_AHEAD;
    }

    /**
     * Returns how far the clock that stamped the token was ahead of the node's clock or, if that is more, how far the
     * token's start is ahead now: the file may have been written long after the token was issued.
     */
    private Duration stampLead() {
        Duration ahead = tokenStatus.nodeClockLead().map(Duration::negated).orElse(Duration.ZERO);
        Token token = tokenStatus.token();
        Duration now = token == null
                ? Duration.ZERO
                : token.claims()
                        .validFrom()
                        .map(from -> Duration.between(onNode(tokenStatus.at()), from))
                        .orElse(Duration.ZERO);
        return ahead.compareTo(now) > 0 ? ahead : now;
    }

    private @Nullable Instant end() {
        Token token = tokenStatus.token();
        return token == null ? null : token.claims().expiresAt();
    }

    private Instant onNode(Instant at) {
        return at.plus(tokenStatus.nodeClockShift());
    }

    private Instant onBase(Instant at) {
        return onNode(at).plus(base);
    }

    /** Formats the amount and direction of {@code ahead}: {@code 1 min 15 s behind}, {@code 2.0 s ahead of}. */
    static String difference(Duration ahead) {
        return Seconds.text(ahead) + (ahead.isNegative() ? " behind" : " ahead of");
    }
}
