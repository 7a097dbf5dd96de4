package io.tokenguardian.cli;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Explanation;
import io.tokenguardian.guardian.FurtherToken;
import io.tokenguardian.guardian.ReplicaSighting;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/** What {@code check} prints for a person: token, clocks and verdict, with colour and a time line on a terminal. */
final class CheckText {
    private final Settings settings;
    private final Timeline timeline;
    private final boolean terminal;

    CheckText(Settings settings, Timeline timeline, boolean terminal) {
        this.settings = settings;
        this.timeline = timeline;
        this.terminal = terminal;
    }

    /** The text where further tokens are guarded too: each has its verdict at the end. */
    String of(Situation situation, List<FurtherToken> further) {
        StringBuilder text = new StringBuilder(of(situation));
        for (FurtherToken token : further) {
            appendVerdict(text, token.name() + ": ", token.situation(), timeline.instant());
        }
        return text.toString();
    }

    String of(Situation situation) {
        StringBuilder text = new StringBuilder();
        Instant now = timeline.instant();
        appendToken(text, situation.token());
        line(text, "Node", "clock " + face(timeline.onNodeClock(now)) + issuer(situation.token()));
        if (situation.replicas().isEmpty()) {
            line(text, "API server", settings.apiServer().address().hostAndPort() + "  not asked");
        }
        for (ReplicaSighting replica : situation.replicas()) {
            line(text, "API server", replica(replica, situation, now));
        }
        if (terminal && situation.token() != null) {
            text.append('\n').append(timeLine(situation, situation.token().token(), now));
        }
        appendVerdict(text, "", situation, now);
        return text.toString();
    }

    private void appendVerdict(StringBuilder text, String whose, Situation situation, Instant now) {
        Explanation explanation = Explanation.of(situation, now);
        text.append('\n');
        line(text, "Verdict", whose + coloured(situation.verdict().word(), situation.isAccepted()));
        line(text, "", printable(explanation.sentence()));
        if (!explanation.advice().isEmpty()) {
            line(text, "", printable(explanation.advice()));
        }
    }

    private void appendToken(StringBuilder text, @Nullable Present reading) {
        line(text, "Token", settings.token().path().toString());
        if (reading == null) {
            return;
        }
        TokenClaims claims = reading.token().claims();
        line(text, "", printable(bearer(claims)));
        List<String> times = new ArrayList<>();
        addTime(times, "issued", claims.issuedAt());
        addTime(times, "not before", claims.notBefore());
        addTime(times, "acceptable from", window(reading.token()).from());
        addTime(times, "to be rotated", claims.warnAfter());
        addTime(times, "expires", claims.expiresAt());
        if (!times.isEmpty()) {
            line(text, "", String.join(", ", times));
        }
    }

    private static String bearer(TokenClaims claims) {
        String subject = claims.subject() == null ? "no subject" : claims.subject();
        return claims.audience().isEmpty() ? subject : subject + ", for " + String.join(", ", claims.audience());
    }

    /** A file may claim anything: what would move a terminal's cursor is not printed. */
    private static String printable(String claimed) {
        return claimed.replaceAll("\\p{Cntrl}", "?");
    }

    private ValidityWindow window(Token token) {
        return ValidityWindow.of(token, settings.apiServer().leeway());
    }

    private static void addTime(List<String> times, String name, @Nullable Instant time) {
        if (time != null) {
            times.add(name + " " + face(time));
        }
    }

    private static String issuer(@Nullable Present reading) {
        return Optional.ofNullable(reading)
                .flatMap(Present::aheadOfIssuer)
                .map(ahead -> ", " + offset(ahead) + " against the one that stamped the token, when it was written")
                .orElse("");
    }

    private static String replica(ReplicaSighting replica, Situation situation, Instant now) {
        String text = replica.address() + "  " + replica.finding().word();
        if (replica.clock() != null) {
            OffsetInterval offset = replica.clock().at(now);
            text += String.format(
                    Locale.ROOT,
                    ", clock %s ± %.3f s against the node's",
                    offset(offset.midpoint().minus(situation.nodeClockShift())),
                    Seconds.of(offset.uncertainty()));
        }
        return replica.user() == null ? text : text + ", knows it as " + replica.user();
    }

    private String timeLine(Situation situation, Token token, Instant now) {
        TimeLine line = new TimeLine();
        ValidityWindow window = window(token);
        line.event("acceptable from", window.from());
        line.event("issued", token.claims().issuedAt());
        line.event("expires", token.claims().expiresAt());
        line.clock("this node", timeline.onNodeClock(now));
        for (ReplicaSighting replica : situation.replicas()) {
            if (replica.clock() != null) {
                line.clock(replica.address(), now.plus(replica.clock().at(now).midpoint()));
            }
        }
        return line.draw();
    }

    private String coloured(String word, boolean good) {
        return terminal ? Ansi.ON.string(good ? "@|bold,green " + word + "|@" : "@|bold,red " + word + "|@") : word;
    }

    private void line(StringBuilder text, String head, String rest) {
        String padded = String.format(Locale.ROOT, "%-12s", head);
        text.append(terminal ? Ansi.ON.string("@|bold " + padded + "|@") : padded)
                .append(rest)
                .append('\n');
    }

    static String face(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String offset(Duration offset) {
        return String.format(Locale.ROOT, "%+.3f s", Seconds.of(offset));
    }
}
