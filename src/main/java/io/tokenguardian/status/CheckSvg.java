package io.tokenguardian.status;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The output of {@code check -o svg}: one self-contained picture for a ticket, with a timeline. */
public record CheckSvg(Timeline timeline) {
    private static final String LEFT = "{left}";

    public String of(TokenStatus tokenStatus) {
        SvgDrawing drawing = new SvgDrawing(SvgDrawing.WIDTH);
        head(drawing, tokenStatus, timeline.instant());
        return drawClocks(drawing, tokenStatus);
    }

    /** Draws only the timeline. */
    public String clocksOf(TokenStatus tokenStatus) {
        return drawClocks(new SvgDrawing(SvgDrawing.WIDTH), tokenStatus);
    }

    private String drawClocks(SvgDrawing drawing, TokenStatus tokenStatus) {
        Instant now = timeline.instant();
        ValidityWindow window = tokenStatus.token() == null ? null : tokenStatus.window();
        List<SvgTimeline.Event> events = window == null || tokenStatus.token() == null
                ? List.of()
                : events(tokenStatus.token().claims(), window);
        List<SvgTimeline.ClockRow> clocks = clocks(tokenStatus, now);
        SvgTimeline line = new SvgTimeline(
                drawing,
                TimeAxis.of(
                        events.stream().map(SvgTimeline.Event::at).toList(),
                        clocks.stream().map(SvgTimeline.ClockRow::at).toList()));
        clocks.forEach(clock -> line.clock(clock, window));
        line.drawAxis(events);
        return drawing.end("as of " + CheckText.formatInstant(timeline.onNodeClock(now))
                + " by this node's clock; all times UTC."
                + (window == null ? "" : " Hatched: 401, outside of the token's validity window; plain: accepted."));
    }

    private static void head(SvgDrawing drawing, TokenStatus tokenStatus, Instant now) {
        List<Explanation> warnings =
                new ArrayList<>(Explanation.warnings(tokenStatus).values());
        Optional<Explanation> kept = Explanation.keptToken(tokenStatus);
        String words = Explanation.words(tokenStatus)
                + (warnings.isEmpty() ? "" : ", a clock is off")
                + (kept.isEmpty() ? "" : ", token file unreadable");
        if (tokenStatus.isAccepted()) {
            kept.ifPresent(warnings::add);
        }
        if (!warnings.isEmpty()) {
            warn(drawing, words, warnings);
            return;
        }
        Explanation explanation = Explanation.of(tokenStatus, now);
        String headline = headline(tokenStatus, now);
        String sentence = explanation.sentence().equals(headline) ? "" : explanation.sentence();
        drawing.head(
                words,
                tone(tokenStatus),
                headline,
                List.of(
                        sentence,
                        explanation.advice(),
                        kept.map(Explanation::text).orElse("")));
    }

    /** Draws the warnings about an accepted token. The first sentence of the first warning is the headline. */
    private static void warn(SvgDrawing drawing, String verdict, List<Explanation> warnings) {
        Explanation first = warnings.get(0);
        List<String> more = new ArrayList<>(List.of(first.advice()));
        warnings.stream().skip(1).map(Explanation::text).forEach(more::add);
        drawing.headOf(verdict, "wait", first.sentence(), more);
    }

    private static String headline(TokenStatus tokenStatus, Instant now) {
        String headline = Explanation.headline(tokenStatus);
        return tokenStatus
                .untilAcceptable(now)
                .map(left -> headline.replace(LEFT, Seconds.text(left)))
                .orElseGet(() -> headline.replaceAll(" [^.]*\\{left}\\.", ""));
    }

    private static String tone(TokenStatus tokenStatus) {
        boolean waits = tokenStatus.isUsable() || tokenStatus.verdict() instanceof Verdict.NotYetValid;
        return Explanation.isOff(tokenStatus) ? "wait" : tokenStatus.isAccepted() ? "good" : waits ? "wait" : "bad";
    }

    private static List<SvgTimeline.Event> events(TokenClaims claims, ValidityWindow window) {
        List<SvgTimeline.Event> events = new ArrayList<>();
        add(events, "A", "acceptable from", window.from());
        add(events, "I", "issued", claims.issuedAt());
        add(events, "K", "kubelet should replace it", claims.rotationDue().orElse(null));
        add(events, "E", "expires", claims.expiresAt());
        events.sort(Comparator.comparing(SvgTimeline.Event::at));
        return events;
    }

    private static void add(List<SvgTimeline.Event> events, String letter, String name, @Nullable Instant at) {
        if (at != null) {
            events.add(new SvgTimeline.Event(letter, name, at));
        }
    }

    private List<SvgTimeline.ClockRow> clocks(TokenStatus tokenStatus, Instant now) {
        List<SvgTimeline.ClockRow> clocks = new ArrayList<>();
        Instant node = timeline.onNodeClock(now);
        Set<String> off = Explanation.clocksOff(tokenStatus);
        boolean nodeIsOff = off.contains(RightTime.NODE);
        clocks.add(new SvgTimeline.ClockRow(RightTime.NODE, "", node, Duration.ZERO, shown(node, node), nodeIsOff));
        for (NamedReplica replica : NamedReplica.of(tokenStatus.replicas(), now)) {
            KnownReplica observedReplica = replica.observedReplica();
            OffsetInterval offset = observedReplica.aheadOfNode(now, timeline.nodeClockShift());
            if (offset != null) {
                Instant at = node.plus(offset.midpoint());
                String figures = String.format(
                        Locale.ROOT,
                        "%s  %s ± %.3f s",
                        shown(at, node),
                        CheckText.offset(offset.midpoint()),
                        Seconds.of(offset.uncertainty()));
                clocks.add(new SvgTimeline.ClockRow(
                        replica.name(),
                        replica.verdict(tokenStatus.window().from(), now) + " at " + observedReplica.address(),
                        at,
                        offset.uncertainty(),
                        figures,
                        off.contains(replica.name())));
            }
        }
        return clocks;
    }

    /** Formats the time of day. Includes the date unless it is today's date on the node's clock. */
    private static String shown(Instant at, Instant node) {
        boolean sameDay = at.truncatedTo(ChronoUnit.DAYS).equals(node.truncatedTo(ChronoUnit.DAYS));
        String text = CheckText.formatInstant(at);
        return sameDay ? text.substring(text.length() - "12:00:00Z".length(), text.length() - 1) : text;
    }
}
