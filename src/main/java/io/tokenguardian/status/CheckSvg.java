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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The output of {@code check -o svg}: one self-contained picture for a ticket, with a timeline. */
public record CheckSvg(Timeline timeline) {
    public String of(TokenStatus tokenStatus) {
        SvgDrawing drawing = new SvgDrawing();
        head(drawing, tokenStatus, timeline.instant());
        return drawClocks(drawing, tokenStatus);
    }

    public String clocksOf(TokenStatus tokenStatus) {
        return drawClocks(new SvgDrawing(), tokenStatus);
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

    /** The headline is the first sentence of the first warning about an accepted token, otherwise of the verdict. */
    private static void head(SvgDrawing drawing, TokenStatus tokenStatus, Instant now) {
        List<Explanation> texts = new ArrayList<>(Explanation.warnings(tokenStatus));
        String words = Explanation.words(tokenStatus) + (texts.isEmpty() ? "" : ", with a warning");
        boolean warns = tokenStatus.isAccepted() && !texts.isEmpty();
        if (!warns) {
            texts.add(0, Explanation.of(tokenStatus, now));
        }
        List<String> more = new ArrayList<>(List.of(texts.get(0).advice()));
        texts.stream().skip(1).map(Explanation::text).forEach(more::add);
        drawing.head(words, warns ? "wait" : tone(tokenStatus), texts.get(0).sentence(), more);
    }

    private static String tone(TokenStatus tokenStatus) {
        boolean waits = tokenStatus.isUsable() || tokenStatus.verdict() instanceof Verdict.NotYetValid;
        return tokenStatus.off() ? "wait" : tokenStatus.isAccepted() ? "good" : waits ? "wait" : "bad";
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
        Set<String> off = ClockWarnings.clocksOff(tokenStatus);
        boolean nodeIsOff = off.contains(RightTime.NODE);
        clocks.add(new SvgTimeline.ClockRow(RightTime.NODE, "", node, Duration.ZERO, timeOfDay(node), nodeIsOff));
        for (NamedReplica replica : NamedReplica.of(tokenStatus.replicas(), now)) {
            KnownReplica observedReplica = replica.observedReplica();
            OffsetInterval offset = observedReplica.aheadOfNode(now, timeline.nodeClockShift());
            if (offset != null) {
                Instant at = node.plus(offset.midpoint());
                String figures = String.format(
                        Locale.ROOT,
                        "%s  %s ± %.3f s",
                        timeOfDay(at),
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

    private static String timeOfDay(Instant at) {
        String text = CheckText.formatInstant(at);
        return text.substring(text.length() - "12:00:00Z".length(), text.length() - 1);
    }
}
