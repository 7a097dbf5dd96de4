package io.tokenguardian.status;

import io.tokenguardian.guardian.ObservedReplica;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.PrintableText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Logs a line when a clock warning ({@link Explanation#warnings}) appears and when it goes, and no line while it stays.
 * It neither appears nor goes while the token is not accepted. Not thread-safe.
 */
final class WarningLog {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private Set<String> logged = Set.of();
    private List<ObservedReplica> lastReplicas = List.of();
    private Duration lastShift = Duration.ZERO;

    /** Returns the texts of the lines that this has logged. */
    List<String> accept(TokenStatus tokenStatus) {
        boolean same = tokenStatus.replicas().equals(lastReplicas)
                && tokenStatus.nodeClockShift().equals(lastShift);
        if (same || !tokenStatus.isAccepted()) {
            return List.of();
        }
        lastReplicas = tokenStatus.replicas();
        lastShift = tokenStatus.nodeClockShift();
        List<String> texts = new ArrayList<>();
        Map<String, Explanation> warnings = Explanation.warnings(tokenStatus, logged);
        warnings.forEach((name, warning) -> {
            if (!logged.contains(name)) {
                texts.add(log(Logger.Level.WARN, "off", name, warning.text()));
            }
        });
        for (String name : logged) {
            if (!warnings.containsKey(name)) {
                texts.add(log(Logger.Level.INFO, "right", name, gone(name, tokenStatus)));
            }
        }
        logged = Set.copyOf(warnings.keySet());
        return texts;
    }

    private static String gone(String name, TokenStatus tokenStatus) {
        return ClockWarnings.knows(tokenStatus, name)
                ? name + "'s clock is right again."
                : "No replica is known as " + name + " any more.";
    }

    private static String log(Logger.Level level, String clock, String name, String text) {
        String printable = PrintableText.of(text);
        // A JSON log has these as fields of their own.
        MDC.put("clock", clock);
        MDC.put("replica", name);
        try {
            LOG.logf(level, "clock=%s replica=%s %s", clock, name.replace(' ', '-'), printable);
        } finally {
            MDC.remove("clock");
            MDC.remove("replica");
        }
        return printable;
    }
}
