package io.tokenguardian.guardian;

import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.function.Consumer;

/** A token of a guardian that is off: accepted and never probed, so everything that waits for it continues. */
record UnjudgedToken(TokenReading.Present reading, Instant since) implements GuardedToken {
    @Override
    public ValidityWindow window() {
        return ValidityWindow.UNBOUNDED;
    }

    @Override
    public Verdict verdict(Instant now) {
        return new Verdict.Accepted(since, null);
    }

    @Override
    public Instant nextStep(Instant now, boolean current) {
        return Instant.MAX;
    }

    @Override
    public boolean step(Instant now, boolean current, Consumer<Answer> observer) {
        return false;
    }
}
