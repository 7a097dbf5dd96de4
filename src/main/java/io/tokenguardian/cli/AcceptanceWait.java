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
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import picocli.CommandLine.ParameterException;

/** In {@code wait} and {@code exec}, waits until enough replicas accept the token or waiting can't help. */
@Dependent
@Unremovable
final class AcceptanceWait {
    private static final Logger LOG = Logger.getLogger(AcceptanceWait.class);

    private final Config config;
    private final Provider<Settings> settings;
    private final Provider<Guardian> guardian;
    private final Provider<TokenWatch> watch;
    private final Provider<GuardianLoop> loop;
    private final Timeline timeline;

    AcceptanceWait(
            Config config,
            Provider<Settings> settings,
            Provider<Guardian> guardian,
            Provider<TokenWatch> watch,
            Provider<GuardianLoop> loop,
            Timeline timeline) {
        this.config = config;
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
     * @param acceptedBy which replicas had to accept the token
     * @param beforeDeadline whether it ended before the deadline: they accepted it, or waiting longer could not help
     */
    record Outcome(TokenStatus last, AcceptedBy acceptedBy, boolean beforeDeadline) {

        /** Whether the token was accepted by the replicas that had to. */
        boolean isMet() {
            return acceptedBy.isMet(last);
        }

        int exitCode() {
            return isMet() ? ExitCode.ACCEPTED : ExitCode.of(last.verdict());
        }
    }

    /**
     * Logs a line if the guardian is off, by {@code guardian.disabled}, and returns whether it is: then nothing waits.
     */
    boolean skipIfOff() {
        boolean off = Settings.areOff(config);
        if (off) {
            LOG.warn("The guardian is off (guardian.disabled): going on without waiting for an accepted token");
        }
        return off;
    }

    /**
     * Waits. May be called only once in a process.
     *
     * @throws ParameterException if an option is wrong
     */
    Outcome await(WaitOptions options) throws InterruptedException {
        Settings known = settings.get();
        Instant deadline = timeline.instant().plus(options.timeout(known));
        AcceptedBy acceptedBy = options.acceptedBy(known);
        StatusWait statusWait = new StatusWait(new WaitPolicy(deadline, known.youngToken(), acceptedBy), timeline);
        guardian.get().onTokenStatus(statusWait);
        try (TokenWatch watching = watch.get();
                GuardianLoop guarding = loop.get()) {
            guarding.start();
            watching.start();
            TokenStatus last = statusWait.await();
            return new Outcome(last, acceptedBy, timeline.instant().isBefore(deadline));
        }
    }

    /**
     * Returns whether what waited goes on: the token is accepted, or {@code --timeout-fatal=false}. In the latter case
     * logs a line that it is not accepted.
     */
    boolean goOnAfter(Outcome outcome, WaitOptions options) {
        if (!outcome.isMet() && !options.timeoutFatal) {
            LOG.warnf(
                    "No accepted token (%s), but --timeout-fatal=false: going on",
                    outcome.last().verdict().word());
        }
        return outcome.isMet() || !options.timeoutFatal;
    }

    /**
     * Prints the verdict, or {@code usable} if the wait ended well without an accepted token. If it did not end well,
     * prints what to do about it too.
     */
    void print(Outcome outcome, PrintWriter out) {
        print(outcome, timeline.instant(), out);
    }

    static void print(Outcome outcome, Instant now, PrintWriter out) {
        TokenStatus last = outcome.last();
        Explanation explanation = Explanation.of(last, now);
        boolean onlyUsable = outcome.isMet() && !last.isAccepted();
        out.println((onlyUsable ? "usable" : last.verdict().word()) + ": " + explanation.sentence());
        if (!outcome.isMet()) {
            // The wait ended early, because the token becomes acceptable only after the deadline.
            boolean acceptableTooLate = last.verdict() instanceof Verdict.NotYetValid && outcome.beforeDeadline();
            out.println((acceptableTooLate ? "That is past the timeout. " + explanation.advice() : explanation.advice())
                    .strip());
        }
        out.flush();
    }
}
