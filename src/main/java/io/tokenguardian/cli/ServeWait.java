package io.tokenguardian.cli;

import io.tokenguardian.command.ExitCode;
import io.tokenguardian.config.Settings;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.token.JsonObjects;
import io.tokenguardian.verdict.TokenTerms;
import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the verdict of the guardian that serves in this pod, because probes from this process could reach other
 * replicas. Waits until the deadline for a guardian that is starting or has stopped responding, but not for another
 * program, or for a guardian with a different token file or API server.
 */
final class ServeWait {
    private static final Logger LOG = Logger.getLogger(ServeWait.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

    /** The shortest time limit for a response, even at the deadline. */
    private static final Duration LEAST_LIMIT = Duration.ofSeconds(1);

    private final Source source;
    private final Settings settings;
    private final AcceptedBy acceptedBy;
    private final Instant deadline;
    private final InstantSource time;
    private @Nullable ServeStatus last;
    private @Nullable Instant refusedSince;
    private @Nullable String silent;

    interface Source {
        /** Returns the status as JSON, within {@code limit}. */
        String status(Duration limit) throws IOException;

        /** Whether a process in this container runs {@code serve} with these settings, perhaps not listening yet. */
        boolean isRunning();

        void pause(Duration pause) throws InterruptedException;
    }

    ServeWait(Source source, Settings settings, AcceptedBy acceptedBy, Instant deadline, InstantSource time) {
        this.source = source;
        this.settings = settings;
        this.acceptedBy = acceptedBy;
        this.deadline = deadline;
        this.time = time;
    }

    /** Returns the outcome; null if no guardian serves here, so this process has to judge the token itself. */
    @Nullable
    WaitOutcome await() throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            if (!poll()) {
                return null;
            }
            Instant now = time.instant();
            WaitOutcome outcome = outcome(now);
            if (outcome != null) {
                return outcome;
            }
            Duration left = Duration.between(now, deadline);
            source.pause(pause.compareTo(left) < 0 ? pause : left);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    /** Polls once. Returns whether to keep waiting for the guardian. */
    private boolean poll() {
        try {
            ServeStatus next = ServeStatus.of(JsonObjects.parse(source.status(limit())));
            if (!next.isFor(settings)) {
                return false;
            }
            silent = null;
            boolean stays = last != null && last.verdict().equals(next.verdict()) && refusedSince != null;
            refusedSince = !next.isRefused() ? null : stays ? refusedSince : time.instant();
            last = next;
            return true;
        } catch (IOException | ParseException e) {
            String reason = e instanceof IOException ? String.valueOf(e.getMessage()) : "its status can't be read";
            if (last == null && !source.isRunning()) {
                return false;
            }
            if (last != null && silent == null) {
                LOG.warnf("The guardian that serves here no longer responds: %s", reason);
            }
            silent = reason;
            return true;
        }
    }

    private Duration limit() {
        Duration left = Duration.between(time.instant(), deadline);
        Duration atLeast = left.compareTo(LEAST_LIMIT) > 0 ? left : LEAST_LIMIT;
        return atLeast.compareTo(LocalListener.TIMEOUT) < 0 ? atLeast : LocalListener.TIMEOUT;
    }

    /** Returns the outcome; null if the wait continues. */
    private @Nullable WaitOutcome outcome(Instant now) {
        boolean over = !now.isBefore(deadline);
        if (silent != null || last == null) {
            return over
                    ? WaitOutcome.unmet(
                            ExitCode.UNREACHABLE,
                            "unreachable",
                            "The guardian that serves here does not respond: " + silent + ".",
                            "Its log and its live health check say why.",
                            false)
                    : null;
        }
        Duration left = last.untilMet(acceptedBy);
        boolean tooLate = left != null && now.plus(left).isAfter(deadline);
        boolean isFinal = refusedSince != null && !now.isBefore(refusedSince.plus(TokenTerms.YOUNG));
        return over || tooLate || isFinal || last.isMet(acceptedBy) ? last.outcome(acceptedBy, tooLate) : null;
    }
}
