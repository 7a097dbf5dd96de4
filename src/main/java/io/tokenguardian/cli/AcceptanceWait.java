package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Explanation;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.GuardianLoop;
import io.tokenguardian.guardian.Patience;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.verdict.Verdict;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.io.PrintWriter;
import java.time.Instant;
import picocli.CommandLine.ParameterException;

/** The wait of {@code wait} and {@code exec}: until the token is accepted, or as soon as it is known that it won't be. */
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
     * What the wait came to.
     *
     * @param last the situation it ended with
     * @param early whether it ended before its time, since waiting would not have helped
     */
    record Outcome(Situation last, boolean early) {}

    /**
     * Waits, which nobody can do twice in a process.
     *
     * @throws ParameterException if the option is wrong
     */
    Outcome await(TimeoutOption timeout) throws InterruptedException {
        Instant deadline = timeline.instant()
                .plus(timeout.or(() -> settings.get().waiting().timeout()));
        Vigil vigil = new Vigil(new Patience(deadline, settings.get().retry().youngToken()), timeline);
        guardian.get().onSituation(vigil);
        try (TokenWatch watching = watch.get();
                GuardianLoop guarding = loop.get()) {
            guarding.start();
            watching.start();
            Situation last = vigil.await();
            return new Outcome(last, timeline.instant().isBefore(deadline));
        }
    }

    /** Says how it ended, and what helps. */
    void say(Outcome outcome, PrintWriter out) {
        Situation last = outcome.last();
        Explanation explanation = Explanation.of(last, timeline.instant());
        out.println(last.verdict().word() + ": " + explanation.sentence());
        if (!last.isAccepted()) {
            boolean tooLate = last.verdict() instanceof Verdict.NotYetValid && outcome.early();
            out.println((tooLate ? "It won't be in time. " + explanation.advice() : explanation.advice()).strip());
        }
        out.flush();
    }
}
