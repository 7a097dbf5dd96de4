package io.tokenguardian.status;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A token status, worded for a person: the log, the status, the health checks and {@code check} all use this wording.
 * {@code advice} is empty if no action is needed.
 */
public record Explanation(String sentence, String advice) {

    private static final Duration USUAL_LEEWAY = Duration.ofSeconds(60);

    private static final String LOG_ADVICE =
            "The API server's log says why, under \"Unable to authenticate the request\": for example a"
                    + " deleted service account or pod, another audience, or a key of another cluster.";

    private static final String OFF = "The guardian is off (guardian.disabled)";

    /** Explains {@code tokenStatus} at {@code now} on the local timeline. */
    public static Explanation of(TokenStatus tokenStatus, Instant now) {
        return of(tokenStatus, tokenStatus.untilAcceptable(now));
    }

    /** As {@link #of}, but without the time until acceptance, so that the text is correct while the verdict lasts. */
    public static Explanation withoutTimeLeft(TokenStatus tokenStatus) {
        return of(tokenStatus, Optional.empty());
    }

    /**
     * Returns the warnings while the token is accepted: one, with the effect on the next token, for each clock that is
     * off by more than half the leeway. Keyed by the clock's name, the clock that is furthest off first.
     */
    public static Map<String, Explanation> warnings(TokenStatus tokenStatus) {
        return ClockWarnings.of(tokenStatus, Set.of());
    }

    /**
     * Returns the clocks that are off by more than half the leeway, whatever the verdict: a replica's
     * {@link NamedReplica#name} or {@code this node}.
     */
    public static Set<String> clocksOff(TokenStatus tokenStatus) {
        return ClockWarnings.off(tokenStatus, tokenStatus.leeway().orElse(USUAL_LEEWAY));
    }

    /** Warns that the token's file is now unreadable, and states when the token expires; empty if it is readable. */
    public static Optional<Explanation> keptToken(TokenStatus tokenStatus) {
        return Optional.ofNullable(tokenStatus.keptBecause())
                .map(reason -> new Explanation(
                        sentence(reason) + " The guardian keeps using the token that it read before"
                                + Optional.ofNullable(tokenStatus.token())
                                        .map(token -> token.claims().expiresAt())
                                        .map(end -> ", which expires at " + end + ".")
                                        .orElse("."),
                        "Mount a service-account token there again."));
    }

    /** A clause that names the replica whose clock is furthest off; empty if none is certainly beyond {@code limit}. */
    public static Optional<String> skewBeyond(TokenStatus tokenStatus, Duration limit) {
        return ClockWarnings.replicaBeyond(tokenStatus, limit);
    }

    public String text() {
        return (sentence + " " + advice).strip();
    }

    /** The status in a few words. {@code {left}} is a placeholder for the time until the token is accepted. */
    public static String headline(TokenStatus tokenStatus) {
        Verdict verdict = tokenStatus.verdict();
        if (verdict instanceof Verdict.NotYetValid notYet) {
            return ComparedClocks.headline(notYet, tokenStatus);
        }
        if (verdict instanceof Verdict.Expired expired) {
            return ComparedClocks.headline(expired, tokenStatus);
        }
        if (verdict instanceof Verdict.Refused refused) {
            return name(refused.certificate(), tokenStatus).orElse(refused.address()) + " refuses the token.";
        }
        return withoutTimeLeft(tokenStatus).sentence();
    }

    private static Explanation of(TokenStatus tokenStatus, Optional<Duration> left) {
        Explanation ofVerdict = ofVerdict(tokenStatus, left);
        return tokenStatus.isOnlyUsable() ? PartialAcceptance.explain(tokenStatus, ofVerdict) : ofVerdict;
    }

    static String words(TokenStatus tokenStatus) {
        if (isOff(tokenStatus)) {
            return "guardian off";
        }
        String word = tokenStatus.verdict().word();
        return tokenStatus.isOnlyUsable() ? word + ", usable" : word;
    }

    private static Explanation ofVerdict(TokenStatus tokenStatus, Optional<Duration> left) {
        Verdict verdict = tokenStatus.verdict();
        if (verdict instanceof Verdict.Accepted accepted) {
            return new Explanation(accepted(accepted, tokenStatus.off()), candidateAdvice(tokenStatus));
        }
        if (verdict instanceof Verdict.NotYetValid notYet) {
            return ComparedClocks.explain(notYet, tokenStatus, left);
        }
        if (verdict instanceof Verdict.Expired expired) {
            return ComparedClocks.explain(expired, tokenStatus);
        }
        if (verdict instanceof Verdict.Refused refused) {
            return refused(refused, tokenStatus);
        }
        if (verdict instanceof Verdict.Unreadable unreadable) {
            return new Explanation(
                    sentence((isOff(tokenStatus) ? OFF + ", and has no token: " : "") + unreadable.explanation()),
                    "Mount a service-account token there, or set another path in guardian.token.path.");
        }
        if (verdict instanceof Verdict.Unreachable unreachable) {
            return new Explanation(
                    sentence(unreachable.explanation()),
                    "Check guardian.api-server.url, guardian.api-server.ca and the network from this pod.");
        }
        return new Explanation(
                isOff(tokenStatus)
                        ? OFF + ", and has not read the token yet."
                        : "It is not known yet whether the API server accepts the token.",
                "");
    }

    /** Whether the guardian is off, so that its token is not judged. */
    public static boolean isOff(TokenStatus tokenStatus) {
        return tokenStatus.off();
    }

    private static String accepted(Verdict.Accepted accepted, boolean off) {
        return off
                ? OFF + ": it treats the token in the file as accepted, without probing the API server."
                : "The API server accepts the token" + of(accepted.user()) + ".";
    }

    private static String of(@Nullable String user) {
        return user == null ? "" : " of " + user;
    }

    private static Explanation refused(Verdict.Refused refused, TokenStatus tokenStatus) {
        String who = capital(called(refused.address(), refused.certificate(), tokenStatus));
        return new Explanation(
                who + " refuses the token (401 Unauthorized), for a reason other than its validity time: waiting won't"
                        + " help.",
                LOG_ADVICE);
    }

    /** A refused or expired candidate needs advice even though the token in use is still accepted. */
    private static String candidateAdvice(TokenStatus tokenStatus) {
        Verdict verdict =
                tokenStatus.candidate() == null ? null : tokenStatus.candidate().verdict();
        return verdict instanceof Verdict.Refused || verdict instanceof Verdict.Expired
                ? ofCandidate(verdict, tokenStatus)
                : "";
    }

    /** Explains why a rotated token is not yet in use while the previous token is accepted, and what to do about it. */
    static String ofCandidate(Verdict candidate, TokenStatus tokenStatus) {
        return "The rotated token " + candidateState(candidate, tokenStatus) + "; the previous token stays in use."
                + (candidate instanceof Verdict.Refused ? " " + LOG_ADVICE : "");
    }

    private static String candidateState(Verdict candidate, TokenStatus tokenStatus) {
        if (candidate instanceof Verdict.NotYetValid notYet) {
            return "is not yet valid: acceptable from " + notYet.from() + " on the API server's clock";
        } else if (candidate instanceof Verdict.Refused refused) {
            return "is refused by " + called(refused.address(), refused.certificate(), tokenStatus)
                    + ", for a reason other than its validity time";
        } else if (candidate instanceof Verdict.Expired expired) {
            return "has expired already, by the clock of "
                    + called(expired.address(), expired.certificate(), tokenStatus);
        } else if (candidate instanceof Verdict.Unreachable unreachable) {
            return "can't be checked: " + unreachable.explanation();
        }
        return "is being checked";
    }

    private static String called(String address, @Nullable String certificate, TokenStatus tokenStatus) {
        return "the API server replica " + name(certificate, tokenStatus).orElse("at " + address);
    }

    private static Optional<String> name(@Nullable String certificate, TokenStatus tokenStatus) {
        return NamedReplica.find(tokenStatus, certificate, null).map(NamedReplica::name);
    }

    static String capital(String line) {
        return line.isEmpty() ? line : Character.toUpperCase(line.charAt(0)) + line.substring(1);
    }

    private static String sentence(String line) {
        String capital = capital(line);
        return capital.endsWith(".") || capital.endsWith("?") ? capital : capital + ".";
    }
}
