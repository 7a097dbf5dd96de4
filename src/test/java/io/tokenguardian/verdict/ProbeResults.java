package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.replica.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A token's terms, and results of its probes, for the tests of this package. */
final class ProbeResults {
    static final Instant FROM = Instant.parse("2026-03-01T12:00:00Z");
    static final Instant UNTIL = FROM.plusSeconds(3_720);
    static final Instant ISSUED = FROM.plusSeconds(60);
    static final TokenTerms TERMS = new TokenTerms(new ValidityWindow(FROM, UNTIL), ISSUED, 3, 0);
    static final Duration ROUND_TRIP = Duration.ofMillis(2);
    static final String ADDRESS = "10.96.0.1:443";

    private ProbeResults() {}

    /** Returns the result, received at {@code at}, of a probe that was sent one round trip earlier. */
    static ProbeResult answer(ProbeOutcome outcome, Instant at, @Nullable Instant date) {
        return new ProbeResult(ADDRESS, outcome, null, List.of(), at.minus(ROUND_TRIP), at, date);
    }

    static ProbeResult accepted(Instant at) {
        return answer(new ProbeOutcome.Authenticated("system:serviceaccount:shop:cart"), at, FROM.plusSeconds(100));
    }

    static ProbeResult unauthorized(Instant at, @Nullable Instant date) {
        return answer(new ProbeOutcome.Unauthorized(), at, date);
    }

    static ProbeResult unreachable(Instant at) {
        return answer(new ProbeOutcome.Unreachable(ADDRESS + ": connection refused"), at, null);
    }

    static ProbeResult unavailable(Instant at, @Nullable Duration retryAfter) {
        return answer(new ProbeOutcome.Unavailable(ADDRESS + " answered 429", retryAfter), at, null);
    }

    static Evidence.JudgedResult judged(ProbeResult answer) {
        return Evidence.JudgedResult.of(TERMS, answer);
    }

    /** Adds to {@code evidence} the results over new connections, which are then closed. Pauses have no random part. */
    static Evidence fresh(Evidence evidence, ProbeResult... answers) {
        Evidence next = evidence;
        for (int i = 0; i < answers.length; i++) {
            next = next.afterNewConnection(TERMS, 100 + i, judged(answers[i]), false, () -> 0);
        }
        return next;
    }

    /** Returns the evidence of one replica that refused over an open connection with the number 0. */
    static Evidence refusedOpenly(Instant at, @Nullable Instant date) {
        return Evidence.NONE.afterNewConnection(TERMS, 0, judged(unauthorized(at, date)), true, () -> 0);
    }
}
