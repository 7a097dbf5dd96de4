package io.tokenguardian.cli;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.config.Settings;
import io.tokenguardian.guardian.AcceptedBy;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of the guardian's {@code GET /status} that {@code wait} needs.
 *
 * @param apiServer {@code HOST:PORT}
 * @param untilAcceptable null if unknown
 * @param untilUsable null if unknown, or if a replica already accepts the token
 */
record ServeStatus(
        String tokenPath,
        String apiServer,
        String verdict,
        boolean usable,
        String explanation,
        String advice,
        boolean filesWritten,
        @Nullable Duration untilAcceptable,
        @Nullable Duration untilUsable) {
    private static final String ACCEPTED = "accepted";

    /** @throws ParseException if this is not the status of {@code serve} in this version or a later one */
    static ServeStatus of(Map<String, Object> status) throws ParseException {
        Map<String, Object> serve = JSONObjectUtils.getJSONObject(status, "serve");
        if (serve == null) {
            throw new ParseException("no field serve", 0);
        }
        return new ServeStatus(
                text(serve, "tokenPath"),
                text(serve, "apiServer"),
                text(status, "verdict"),
                JSONObjectUtils.getBoolean(status, "usable"),
                text(status, "explanation"),
                text(status, "advice"),
                JSONObjectUtils.getBoolean(serve, "filesWritten"),
                seconds(status.get("secondsUntilAcceptable")),
                seconds(serve.get("secondsUntilUsable")));
    }

    static String text(Map<String, Object> object, String name) throws ParseException {
        String text = JSONObjectUtils.getString(object, name);
        if (text == null) {
            throw new ParseException("no " + name, 0);
        }
        return text;
    }

    private static @Nullable Duration seconds(@Nullable Object value) {
        return value instanceof Number seconds ? Duration.ofMillis((long) (seconds.doubleValue() * 1_000)) : null;
    }

    /** Whether the guardian judges the token named in {@code settings}, at the same API server. */
    boolean isFor(Settings settings) {
        return tokenPath.equals(settings.tokenFile().toString())
                && apiServer.equals(settings.apiServer().address().hostAndPort());
    }

    boolean isMet(AcceptedBy acceptedBy) {
        return filesWritten && isAcceptedBy(acceptedBy);
    }

    private boolean isAcceptedBy(AcceptedBy acceptedBy) {
        return switch (acceptedBy) {
            case EVERY -> isAccepted();
            case ANY -> usable;
            case NOBODY -> true;
        };
    }

    private boolean isAccepted() {
        return verdict.equals(ACCEPTED);
    }

    /** Whether waiting longer is pointless, because it can't change the verdict. */
    boolean isRefused() {
        return verdict.equals("refused") || verdict.equals("expired");
    }

    /** Null if the time is unknown, or if enough replicas already accept the token. */
    @Nullable
    Duration untilMet(AcceptedBy acceptedBy) {
        if (isAcceptedBy(acceptedBy) || !verdict.equals("not-yet-valid")) {
            return null;
        }
        return acceptedBy == AcceptedBy.ANY ? untilUsable : untilAcceptable;
    }

    /** @param tooLate whether the token becomes acceptable only after the deadline */
    WaitOutcome outcome(AcceptedBy acceptedBy, boolean tooLate) {
        if (isMet(acceptedBy)) {
            return WaitOutcome.met(isAccepted() ? ACCEPTED : "usable", explanation);
        }
        if (isAcceptedBy(acceptedBy)) {
            return WaitOutcome.unmet(
                    ExitCode.UNREADABLE,
                    verdict,
                    explanation,
                    "The guardian that serves here has not written its vetted files; its log says why.",
                    false);
        }
        return WaitOutcome.unmet(ExitCode.of(verdict), verdict, explanation, advice, tooLate);
    }
}
