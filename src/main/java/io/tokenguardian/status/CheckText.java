package io.tokenguardian.status;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.PrintableText;
import io.tokenguardian.token.TokenClaims;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The text that {@code check} prints. */
public record CheckText(Path tokenPath, String apiServer, Timeline timeline) {
    /** Puts the stale callers before the text, and the proxy's {@code receipt} after it. */
    public String of(TokenStatus tokenStatus, List<StaleCaller> staleCallers, @Nullable String receipt) {
        StringBuilder text = new StringBuilder();
        staleCallers.forEach(caller -> appendWarning(text, StaleCallerText.of(caller)));
        text.append(of(tokenStatus));
        if (receipt != null) {
            text.append('\n');
            line(text, "Proxy", PrintableText.of(receipt));
        }
        return text.toString();
    }

    String of(TokenStatus tokenStatus) {
        StringBuilder text = new StringBuilder();
        Instant now = timeline.instant();
        ClockWarnings.of(tokenStatus).values().forEach(warning -> appendWarning(text, warning));
        appendToken(text, tokenStatus);
        line(text, "Node", "clock " + formatInstant(timeline.onNodeClock(now)));
        if (tokenStatus.replicas().isEmpty()) {
            line(text, "API server", apiServer + "  not probed");
        }
        for (NamedReplica replica : NamedReplica.of(tokenStatus.replicas(), now)) {
            line(text, "API server", replica(replica, tokenStatus.window().from(), now));
        }
        appendVerdict(text, tokenStatus, now);
        return text.toString();
    }

    private void appendVerdict(StringBuilder text, TokenStatus tokenStatus, Instant now) {
        text.append('\n');
        line(text, "Verdict", Explanation.words(tokenStatus));
        appendExplanation(text, "", Explanation.of(tokenStatus, now));
    }

    private static void appendWarning(StringBuilder text, Explanation warning) {
        appendExplanation(text, "Warning", warning);
        text.append('\n');
    }

    private static void appendExplanation(StringBuilder text, String head, Explanation explanation) {
        line(text, head, PrintableText.of(explanation.sentence()));
        if (!explanation.advice().isEmpty()) {
            line(text, "", PrintableText.of(explanation.advice()));
        }
    }

    private void appendToken(StringBuilder text, TokenStatus tokenStatus) {
        line(text, "Token", tokenPath.toString());
        if (tokenStatus.token() == null) {
            return;
        }
        TokenClaims claims = tokenStatus.token().claims();
        line(text, "", PrintableText.of(subjectAndAudience(claims)));
        List<String> times = new ArrayList<>();
        addTime(times, "issued", claims.issuedAt());
        addTime(times, "not before", claims.notBefore());
        addTime(times, "acceptable from", tokenStatus.window().from());
        addTime(times, "warn after", claims.warnAfter());
        addTime(times, "expires", claims.expiresAt());
        if (!times.isEmpty()) {
            line(text, "", String.join(", ", times));
        }
    }

    private static String subjectAndAudience(TokenClaims claims) {
        String subject = claims.subject() == null ? "no subject" : claims.subject();
        return claims.audience().isEmpty() ? subject : subject + ", for " + String.join(", ", claims.audience());
    }

    private static void addTime(List<String> times, String name, @Nullable Instant time) {
        if (time != null) {
            times.add(name + " " + formatInstant(time));
        }
    }

    private String replica(NamedReplica named, @Nullable Instant from, Instant now) {
        KnownReplica replica = named.observedReplica();
        String whose = replica.certificate() == null ? "" : named.name() + " at ";
        String text = whose + replica.address() + "  " + named.verdict(from, now);
        OffsetInterval offset = replica.aheadOfNode(now, timeline.nodeClockShift());
        if (offset != null) {
            text += String.format(
                    Locale.ROOT,
                    ", clock %s ± %.3f s relative to the node's since %s",
                    offset(offset.midpoint()),
                    Seconds.of(offset.uncertainty()),
                    formatInstant(timeline.onNodeClock(replica.since())));
        }
        text += ", observed by " + named.metBy();
        return replica.user() == null ? text : text + ", authenticates it as " + PrintableText.of(replica.user());
    }

    private static void line(StringBuilder text, String head, String rest) {
        text.append(String.format(Locale.ROOT, "%-12s", head)).append(rest).append('\n');
    }

    static String formatInstant(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Formats an offset. An offset of less than a minute is shown with milliseconds. */
    static String offset(Duration offset) {
        return offset.abs().compareTo(Duration.ofMinutes(1)) < 0
                ? String.format(Locale.ROOT, "%+.3f s", Seconds.of(offset))
                : (offset.isNegative() ? "-" : "+") + Seconds.text(offset);
    }
}
