package io.tokenguardian.status;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A token status, worded for a person: the log, the status, the health checks and {@code check} all use this wording.
 * {@code advice} is empty if no action is needed.
 */
public record Explanation(String sentence, String advice) {
    private static final Pattern NAME = Pattern.compile("\\{([^}]+)}");

    /**
     * The second of the lines, if any, is the advice. Fills in each name in braces once: a value that a caller has
     * chosen may look like a name.
     */
    public static Explanation of(String lines, Map<String, String> values) {
        List<String> filled = lines.lines()
                .map(line -> NAME.matcher(line)
                        .replaceAll(name -> Matcher.quoteReplacement(values.getOrDefault(name.group(1), name.group()))))
                .toList();
        return new Explanation(filled.get(0), filled.size() == 1 ? "" : filled.get(1));
    }

    /** Explains {@code tokenStatus} at {@code now} on the local timeline. */
    public static Explanation of(TokenStatus tokenStatus, Instant now) {
        Explanation of = of(tokenStatus.verdict(), tokenStatus.token(), tokenStatus, tokenStatus.untilAcceptable(now));
        return tokenStatus.isOnlyUsable()
                ? new Explanation(of.sentence + " At least one replica accepts a token of this pod.", of.advice)
                : of;
    }

    static List<Explanation> warnings(TokenStatus tokenStatus) {
        return Stream.concat(ClockWarnings.of(tokenStatus).values().stream(), keptToken(tokenStatus).stream())
                .toList();
    }

    /** Warns that the token's file is now unreadable, and states when the token expires; empty if it is readable. */
    static Optional<Explanation> keptToken(TokenStatus tokenStatus) {
        return Optional.ofNullable(tokenStatus.keptBecause())
                .map(reason -> ReportedCause.TOKEN_KEPT.explain(Map.of(
                        "reason",
                        sentence(reason),
                        "expiry",
                        Optional.ofNullable(tokenStatus.token())
                                .map(token -> token.claims().expiresAt())
                                .map(end -> ", which expires at " + end)
                                .orElse(""))));
    }

    public String text() {
        return (sentence + " " + advice).strip();
    }

    static String words(TokenStatus tokenStatus) {
        if (tokenStatus.off()) {
            return "guardian off";
        }
        String word = tokenStatus.verdict().word();
        return tokenStatus.isOnlyUsable() ? word + ", usable" : word;
    }

    /** Explains why a rotated token is not yet in use. Only a refused or expired token needs advice. */
    static Explanation ofCandidate(TokenStatus.Candidate candidate, TokenStatus tokenStatus) {
        Verdict verdict = candidate.verdict();
        boolean needsAdvice = verdict instanceof Verdict.Refused || verdict instanceof Verdict.Expired;
        Explanation of = of(verdict, candidate.token(), tokenStatus, Optional.empty());
        return new Explanation(
                "The rotated token is not in use yet; the previous token stays in use. " + of.sentence,
                needsAdvice ? of.advice : "");
    }

    private static Explanation of(
            Verdict verdict, @Nullable Token token, TokenStatus tokenStatus, Optional<Duration> left) {
        if (verdict instanceof Verdict.Accepted accepted) {
            return accepted(accepted, tokenStatus);
        }
        if (verdict instanceof Verdict.NotYetValid notYet) {
            return ComparedClocks.explain(notYet, token, tokenStatus, left);
        }
        if (verdict instanceof Verdict.Expired expired) {
            return ComparedClocks.explain(expired, token, tokenStatus);
        }
        if (verdict instanceof Verdict.Refused refused) {
            return refused(refused, token, tokenStatus);
        }
        if (verdict instanceof Verdict.Unreadable unreadable) {
            ReportedCause cause = tokenStatus.off() ? ReportedCause.OFF_UNREADABLE : ReportedCause.UNREADABLE;
            return cause.explain(Map.of("reason", sentence(unreadable.explanation())));
        }
        if (verdict instanceof Verdict.Unreachable unreachable) {
            return ReportedCause.UNREACHABLE.explain(Map.of("reason", sentence(unreachable.explanation())));
        }
        return (tokenStatus.off() ? ReportedCause.OFF_PENDING : ReportedCause.PENDING).explain(Map.of());
    }

    private static Explanation accepted(Verdict.Accepted accepted, TokenStatus tokenStatus) {
        ReportedCause cause = tokenStatus.off() ? ReportedCause.OFF : ReportedCause.ACCEPTED;
        String user = accepted.user() == null ? "" : " of " + accepted.user();
        String advice = Optional.ofNullable(tokenStatus.candidate())
                .map(candidate -> ofCandidate(candidate, tokenStatus))
                .filter(candidate -> !candidate.advice.isEmpty())
                .map(Explanation::text)
                .orElse("");
        return new Explanation(cause.explain(Map.of("of user", user)).sentence, advice);
    }

    private static Explanation refused(Verdict.Refused refused, @Nullable Token token, TokenStatus tokenStatus) {
        ReportedCause cause =
                tokenStatus.usable().tokens().contains(token) ? ReportedCause.REFUSED_BY_SOME : ReportedCause.REFUSED;
        return cause.explain(
                Map.of("replica", NamedReplica.nameOf(tokenStatus, refused.address(), refused.certificate())));
    }

    private static String sentence(String line) {
        String capital = line.isEmpty() ? line : Character.toUpperCase(line.charAt(0)) + line.substring(1);
        return capital.endsWith(".") || capital.endsWith("?") ? capital : capital + ".";
    }
}
