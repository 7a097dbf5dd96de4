package io.tokenguardian.status;

import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.token.PrintableText;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Logs each change to a token's status ({@link Guardian#onChange}); docs/reference.md lists the keys of the lines. */
public final class StatusLog implements Consumer<TokenStatus> {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** How long a token's first refusal is held back: the second response would often invalidate its advice. */
    static final Duration HELD_BACK = Duration.ofMillis(300);

    private static final String NONE = "-";

    private final InstantSource timeline;
    private final Consumer<Duration> wakeAfter;
    private @Nullable TokenStatus logged;
    private @Nullable TokenStatus held;
    private Instant heldUntil = Instant.MIN;

    /** The clocks with a warning while the token was last accepted. */
    private Set<String> clocksOff = Set.of();

    /** @param wakeAfter makes the guardian publish its status after the given time, or earlier */
    public StatusLog(InstantSource timeline, Consumer<Duration> wakeAfter) {
        this.timeline = timeline;
        this.wakeAfter = wakeAfter;
    }

    @Override
    public void accept(TokenStatus change) {
        if (holdBack(change)) {
            return;
        }
        held = null;
        if (change.hasOtherCandidate(logged)) {
            logCandidate(change);
        }
        if (change.hasOtherVerdict(logged)) {
            logVerdict(change);
        }
        logged = change;
    }

    /** A token's first refusal is too early to name a cause. */
    private boolean holdBack(TokenStatus change) {
        boolean first = logged == null || !Objects.equals(change.token(), logged.token());
        if (!first || change.isAccepted() || !change.isJudged()) {
            return false;
        }
        Instant now = timeline.instant();
        if (held == null || !Objects.equals(change.token(), held.token())) {
            heldUntil = now.plus(HELD_BACK);
            wakeAfter.accept(HELD_BACK);
        }
        held = change;
        return now.isBefore(heldUntil);
    }

    /** Logs the delayed refusal, in its current state, when it is due. Must be called for every status. */
    public void acceptHeld(TokenStatus tokenStatus) {
        if (held != null) {
            accept(tokenStatus.isJudged() ? tokenStatus : held);
        }
    }

    /** Logs the clock warnings that have begun or ended. Must be called for every status. */
    public void acceptClocks(TokenStatus tokenStatus) {
        if (!tokenStatus.isAccepted()) {
            return;
        }
        Map<String, Explanation> warnings = ClockWarnings.of(tokenStatus, clocksOff);
        warnings.forEach((clock, warning) -> {
            if (!clocksOff.contains(clock)) {
                logClock(Logger.Level.WARN, "off", clock, warning.text());
            }
        });
        for (String clock : clocksOff) {
            if (!warnings.containsKey(clock)) {
                logClock(Logger.Level.INFO, "right", clock, "The warning about the clock of " + clock + " has ended.");
            }
        }
        clocksOff = Set.copyOf(warnings.keySet());
    }

    private void logClock(Logger.Level level, String state, String clock, String text) {
        LOG.logf(level, "clock=%s replica=%s %s", state, clock.replace(' ', '-'), PrintableText.of(text));
    }

    /** May be called from any thread. */
    public void acceptCaller(StaleCaller caller) {
        String text = StaleCallerText.of(caller).text();
        String kind = caller.isOfThisPod() ? "stale" : "foreign";
        String userAgent = caller.userAgent();
        LOG.warnf("caller=%s user-agent=%s %s", kind, userAgent.replace(' ', '-'), text);
    }

    private void logVerdict(TokenStatus tokenStatus) {
        Token token = tokenStatus.token();
        String change = change(token);
        String verdict = tokenStatus.verdict().word();
        String text =
                PrintableText.of(Explanation.of(tokenStatus, timeline.instant()).text());
        String usable = usable(tokenStatus);
        String issued = token == null ? NONE : orNone(token.claims().issuedAt());
        String expires = token == null ? NONE : orNone(token.claims().expiresAt());
        LOG.log(
                tokenStatus.isAccepted() ? Logger.Level.INFO : Logger.Level.WARN,
                "verdict=" + verdict + " token=" + change + " issued=" + issued + " expires=" + expires + usable + " "
                        + text);
    }

    /** Logs why a rotated token is not yet in use. When the token is accepted, a verdict line is logged. */
    private void logCandidate(TokenStatus tokenStatus) {
        if (tokenStatus.isAccepted() && tokenStatus.candidate() != null) {
            Verdict verdict = tokenStatus.candidate().verdict();
            String sentence = PrintableText.of(Explanation.ofCandidate(tokenStatus.candidate(), tokenStatus)
                    .text());
            Logger.Level level = verdict instanceof Verdict.NotYetValid ? Logger.Level.INFO : Logger.Level.WARN;
            LOG.logf(level, "candidate=%s %s", verdict.word(), sentence);
        } else if (!tokenStatus.hasOtherVerdict(logged)) {
            LOG.info("candidate=dropped The file once again holds the token that is in use.");
        }
    }

    /** Returns how the token has changed: {@code first}, {@code same}, {@code rotated} or {@code none}. */
    private String change(@Nullable Token token) {
        if (token == null) {
            return "none";
        }
        Token before = logged == null ? null : logged.token();
        if (before == null) {
            return "first";
        }
        return token.equals(before) ? "same" : "rotated";
    }

    /** Empty if the verdict implies whether a token is usable. */
    private String usable(TokenStatus tokenStatus) {
        if (tokenStatus.isUsable()) {
            return tokenStatus.isOnlyUsable() ? " usable=true" : "";
        }
        return logged != null && logged.isUsable() ? " usable=false" : "";
    }

    private static String orNone(@Nullable Instant instant) {
        return instant == null ? NONE : instant.toString();
    }
}
