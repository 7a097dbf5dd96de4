package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A token's terms, and results of its probes, for the tests of this package. */
final class ProbeResults {
    static final Instant FROM = Instant.parse("2026-03-01T12:00:00Z");
    static final Instant UNTIL = FROM.plusSeconds(3_720);
    static final Instant ISSUED = FROM.plusSeconds(60);
    static final Instant NOW = FROM.plusMillis(10_400);
    static final ValidityWindow WINDOW = new ValidityWindow(FROM, UNTIL);
    static final TokenTerms TERMS = new TokenTerms(WINDOW, ISSUED, 3);
    static final ProbeOutcome AUTHENTICATED = new ProbeOutcome.Authenticated("system:serviceaccount:shop:cart");
    static final ProbeResult FAILED = result(new ProbeOutcome.Unreachable("no answer"), null, NOW, null);

    private static final Token TOKEN = TestTokens.issuedAt(ISSUED).token();

    private ProbeResults() {}

    /** Returns the result, received at {@code at}, of a probe that was sent two milliseconds earlier. */
    static ProbeResult result(ProbeOutcome outcome, @Nullable String certificate, Instant at, @Nullable Instant date) {
        return new ProbeResult("10.96.0.1:443", outcome, certificate, List.of(), at.minusMillis(2), at, date);
    }

    static ProbeResult accepted(String certificate) {
        return result(AUTHENTICATED, certificate, NOW, ISSUED);
    }

    static ProbeResult refused(Instant at, @Nullable Instant date) {
        return result(new ProbeOutcome.Unauthorized(), "a", at, date);
    }

    /** Returns the state of an open connection after another refusal; {@code before} is null for the first. */
    static Waiting waiting(@Nullable Waiting before, int connection, Instant at, @Nullable Instant date) {
        ProbeResult result = refused(at, date);
        return Waiting.after(before, connection, answer(result), true);
    }

    static Answer answer(ProbeResult result) {
        Answer.Origin replica = new Answer.Origin(result.address(), result.certificate(), List.of(), null);
        Sample clock = Sample.of(result.sentAt(), result.receivedAt(), result.date());
        return new Answer(TOKEN, TERMS.read(result), clock, result.receivedAt(), replica, Answer.MetBy.PROBE, false);
    }
}
