package io.tokenguardian.status;

import io.tokenguardian.guardian.ObservedReplica;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.PrintableText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Logs a line whenever a clock's warning ({@link Explanation#warnings}) begins or ends, while the token is accepted. If
 * a warning begins again within {@link #SETTLED} of its end, it ends only after the clock has been right for as long
 * (docs/decisions/status.md). Not thread-safe, except {@link #off()}.
 */
final class WarningLog {
    /** How long a clock must be right to be settled, and how long a replica that is not observed is remembered. */
    static final Duration SETTLED = Duration.ofMinutes(30);

    private static final String AGAIN =
            " It was right in the last 30 min: perhaps several replicas with the same certificate respond in turn. It"
                    + " is reported as right again after it has been right for 30 min.";

    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private volatile Set<String> off = Set.of();

    /** The end of each warning that has ended within the last {@link #SETTLED}, keyed by the clock's name. */
    private final Map<String, Instant> right = new HashMap<>();

    /** When each clock whose warning began again within {@link #SETTLED} was last off, keyed by the clock's name. */
    private final Map<String, Instant> unsettled = new HashMap<>();

    private List<ObservedReplica> lastReplicas = List.of();
    private Duration lastShift = Duration.ZERO;

    Set<String> off() {
        return off;
    }

    /** Returns the texts of the logged lines. */
    List<String> accept(TokenStatus tokenStatus) {
        boolean same = tokenStatus.replicas().equals(lastReplicas)
                && tokenStatus.nodeClockShift().equals(lastShift)
                && unsettled.isEmpty();
        if (same || !tokenStatus.isAccepted()) {
            return List.of();
        }
        lastReplicas = tokenStatus.replicas();
        lastShift = tokenStatus.nodeClockShift();
        Instant now = tokenStatus.at();
        right.values().removeIf(at -> isSettled(at, now));
        Map<String, Explanation> warnings = Explanation.warnings(tokenStatus, off);
        Set<String> next = new HashSet<>(warnings.keySet());
        List<String> texts = new ArrayList<>();
        warnings.forEach((name, warning) -> {
            boolean again = right.remove(name) != null;
            if (!off.contains(name)) {
                texts.add(log(Logger.Level.WARN, "off", name, warning.text() + (again ? AGAIN : "")));
            }
            if (again || unsettled.containsKey(name)) {
                unsettled.put(name, now);
            }
        });
        for (String name : off) {
            Instant lastOff = unsettled.getOrDefault(name, Instant.MIN);
            if (!warnings.containsKey(name) && isSettled(lastOff, now)) {
                unsettled.remove(name);
                right.put(name, now);
                texts.add(log(Logger.Level.INFO, "right", name, gone(name, tokenStatus)));
            } else {
                next.add(name);
            }
        }
        off = Set.copyOf(next);
        return texts;
    }

    private static boolean isSettled(Instant since, Instant now) {
        return !now.isBefore(since.plus(SETTLED));
    }

    private static String gone(String name, TokenStatus tokenStatus) {
        return ClockWarnings.knows(tokenStatus, name)
                ? name + "'s clock is right again."
                : "No replica is known as " + name + " any more.";
    }

    private static String log(Logger.Level level, String clock, String name, String text) {
        String printable = PrintableText.of(text);
        // separate fields in a JSON log
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
