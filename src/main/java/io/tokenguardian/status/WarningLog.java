package io.tokenguardian.status;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.PrintableText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Logs a line whenever a clock's warning ({@link ClockWarnings}) begins or ends, while the token is accepted. Not
 * thread-safe.
 */
final class WarningLog {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private Set<String> off = Set.of();

    /** Returns the texts of the logged lines. */
    List<String> accept(TokenStatus tokenStatus) {
        if (!tokenStatus.isAccepted()) {
            return List.of();
        }
        Map<String, Explanation> warnings = ClockWarnings.of(tokenStatus, off);
        List<String> texts = new ArrayList<>();
        warnings.forEach((name, warning) -> {
            if (!off.contains(name)) {
                texts.add(log(Logger.Level.WARN, "off", name, warning.text()));
            }
        });
        for (String name : off) {
            if (!warnings.containsKey(name)) {
                texts.add(log(Logger.Level.INFO, "right", name, gone(name, tokenStatus)));
            }
        }
        off = Set.copyOf(warnings.keySet());
        return texts;
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
