package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.config.Settings;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.GuardianLoop;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.WaitPolicy;
import io.tokenguardian.process.Siblings;
import io.tokenguardian.status.StatusLog;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.verdict.TokenTerms;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import picocli.CommandLine.ParameterException;

/** Waits, for {@code wait} and {@code exec}, until enough replicas accept the token, or waiting longer is pointless. */
@Dependent
@Unremovable
final class AcceptanceWait {
    private static final Logger LOG = Logger.getLogger(AcceptanceWait.class);

    private final Config config;
    private final Provider<Settings> settings;
    private final Provider<Guardian> guardian;
    private final Provider<TokenWatch> watch;
    private final Provider<GuardianLoop> loop;
    private final Provider<StatusLog> statusLog;
    private final LocalListener listener;
    private final Timeline timeline;

    AcceptanceWait(
            Config config,
            Provider<Settings> settings,
            Provider<Guardian> guardian,
            Provider<TokenWatch> watch,
            Provider<GuardianLoop> loop,
            Provider<StatusLog> statusLog,
            LocalListener listener,
            Timeline timeline) {
        this.config = config;
        this.settings = settings;
        this.guardian = guardian;
        this.watch = watch;
        this.loop = loop;
        this.statusLog = statusLog;
        this.listener = listener;
        this.timeline = timeline;
    }

    /**
     * If the guardian is off, logs a warning and returns true: the command then does not wait.
     *
     * @throws ParameterException if an option is invalid
     */
    boolean skipIfOff(WaitOptions options) {
        options.timeout();
        options.acceptedBy();
        boolean off = Settings.areOff(config);
        if (off) {
            LOG.warn("The guardian is off (guardian.disabled): continuing without waiting for an accepted token");
        }
        return off;
    }

    /**
     * Waits for the verdict of the guardian that serves in this pod. If no guardian serves here, judges the token
     * itself. May be called only once per process.
     *
     * @throws ParameterException if an option is invalid
     */
    WaitOutcome await(WaitOptions options) throws InterruptedException {
        // The options come first, because an invalid setting must not hide incorrect usage.
        Duration timeout = options.timeout();
        AcceptedBy ruleOfOption = options.acceptedBy();
        Settings known = settings.get();
        Instant deadline = timeline.instant().plus(timeout == null ? known.waitTimeout() : timeout);
        AcceptedBy acceptedBy = ruleOfOption == null ? known.acceptedBy() : ruleOfOption;
        ServeSource serve = new ServeSource(listener, new Siblings(), options.wordsOfCommandLine());
        WaitOutcome outcome =
                listener.hasKnownPort() ? new ServeWait(serve, known, acceptedBy, deadline, timeline).await() : null;
        return outcome == null ? judge(acceptedBy, deadline) : outcome;
    }

    private WaitOutcome judge(AcceptedBy acceptedBy, Instant deadline) throws InterruptedException {
        StatusWait statusWait = new StatusWait(new WaitPolicy(deadline, TokenTerms.YOUNG, acceptedBy), timeline);
        guardian.get().onChange(change -> {
            statusWait.accept(change);
            if (statusWait.isLong()) { // otherwise the same is printed soon as the outcome
                statusLog.get().accept(change);
            }
        });
        guardian.get().onTokenStatus(statusWait);
        try (TokenWatch watching = watch.get();
                GuardianLoop guarding = loop.get()) {
            guarding.start();
            watching.start();
            TokenStatus last = statusWait.await();
            Instant now = timeline.instant();
            return WaitOutcome.of(last, acceptedBy, now.isBefore(deadline), now);
        }
    }

    /** Whether the command continues. Logs the outcome if only {@code --timeout-fatal=false} lets it continue. */
    static boolean goOnAfter(WaitOutcome outcome, WaitOptions options) {
        if (!outcome.isMet() && !options.timeoutFatal) {
            LOG.warnf("No accepted token, but --timeout-fatal=false: continuing. %s", outcome.line());
        }
        return outcome.isMet() || !options.timeoutFatal;
    }
}
