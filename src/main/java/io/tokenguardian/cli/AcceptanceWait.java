package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.config.Settings;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.GuardianLoop;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.WaitPolicy;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.verdict.Verdict;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.io.PrintWriter;
import java.time.Instant;
import picocli.CommandLine.ParameterException;

/** In {@code wait} and {@code exec}, waits until the token is accepted or waiting can't help ({@link WaitPolicy}). */
@Dependent
@Unremovable
final class AcceptanceWait {
    private final Provider<Settings> settings;
    private final Provider<Guardian> guardian;
    private final Provider<TokenWatch> watch;
    private final Provider<GuardianLoop> loop;
    private final Timeline timeline;

    AcceptanceWait(
            Provider<Settings> settings,
            Provider<Guardian> guardian,
            Provider<TokenWatch> watch,
            Provider<GuardianLoop> loop,
            Timeline timeline) {
        this.settings = settings;
        this.guardian = guardian;
        this.watch = watch;
        this.loop = loop;
        this.timeline = timeline;
    }

    /**
     * The result of the wait.
     *
     * @param last the token status at the end of the wait
     * @param beforeDeadline whether it ended before the deadline: the token was accepted, or waiting longer could not
     *     help
     */
    record Outcome(TokenStatus last, boolean beforeDeadline) {}

    /**
     * Waits. May be called only once in a process.
     *
     * @throws ParameterException if the option is wrong
     */
    Outcome await(TimeoutOption timeout) throws InterruptedException {
        Instant deadline =
                timeline.instant().plus(timeout.orElseGet(() -> settings.get().waitTimeout()));
        StatusWait statusWait =
                new StatusWait(new WaitPolicy(deadline, settings.get().youngToken(), AcceptedBy.EVERY), timeline);
        guardian.get().onTokenStatus(statusWait);
        try (TokenWatch watching = watch.get();
                GuardianLoop guarding = loop.get()) {
            guarding.start();
            watching.start();
            TokenStatus last = statusWait.await();
            return new Outcome(last, timeline.instant().isBefore(deadline));
        }
    }

    /** Prints the verdict and, if the token is not accepted, what to do about it. */
    void print(Outcome outcome, PrintWriter out) {
        TokenStatus last = outcome.last();
        Explanation explanation = Explanation.of(last, timeline.instant());
        out.println(last.verdict().word() + ": " + explanation.sentence());
        if (!last.isAccepted()) {
            boolean tooLate = last.verdict() instanceof Verdict.NotYetValid && outcome.beforeDeadline();
            out.println((tooLate ? "That is past the timeout. " + explanation.advice() : explanation.advice()).strip());
        }
        out.flush();
    }
}
