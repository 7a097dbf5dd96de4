package io.tokenguardian.cli;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Explanation;
import io.tokenguardian.guardian.ReplicaSighting;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.report.NamedReplica;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.verdict.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code check -o svg} prints: verdict and time line as a picture that needs nothing beside it, for a ticket. */
final class CheckSvg {
    private static final Duration NOTABLE = Duration.ofSeconds(5);

    private record Event(String name, Instant at) {}

    private record Clock(String name, Instant at, Duration uncertainty, String figures, boolean off) {}

    private final Duration leeway;
    private final Timeline timeline;

    CheckSvg(Duration leeway, Timeline timeline) {
        this.leeway = leeway;
        this.timeline = timeline;
    }

    String of(Situation situation) {
        Instant now = timeline.instant();
        ValidityWindow window = situation.token() == null
                ? new ValidityWindow(null, null)
                : ValidityWindow.of(situation.token().token(), leeway);
        List<Event> events = situation.token() == null
                ? List.of()
                : events(situation.token().token().claims(), window);
        List<Clock> clocks = clocks(situation, now);
        Explanation explanation = Explanation.of(situation, now);
        SvgDrawing drawing = new SvgDrawing(Scale.of(
                events.stream().map(Event::at).toList(),
                clocks.stream().map(Clock::at).toList()));
        drawing.head(situation.verdict().word(), explanation.sentence(), explanation.advice());
        events.forEach(event -> drawing.event(event.name(), CheckText.face(event.at()), event.at()));
        clocks.forEach(clock ->
                drawing.clock(clock.name(), clock.figures(), clock.off(), clock.at(), clock.uncertainty(), window));
        return drawing.end(
                "asked at " + CheckText.face(timeline.onNodeClock(now)) + " by this node's clock; all times UTC");
    }

    private static List<Event> events(TokenClaims claims, ValidityWindow window) {
        List<Event> events = new ArrayList<>();
        add(events, "acceptable from", window.from());
        add(events, "issued", claims.issuedAt());
        add(events, "kubelet is to replace it", claims.rotationDue().orElse(null));
        add(events, "expires", claims.expiresAt());
        events.sort(Comparator.comparing(Event::at));
        return events;
    }

    private static void add(List<Event> events, String name, @Nullable Instant at) {
        if (at != null) {
            events.add(new Event(name, at));
        }
    }

    private List<Clock> clocks(Situation situation, Instant now) {
        List<Clock> clocks = new ArrayList<>();
        Instant node = timeline.onNodeClock(now);
        clocks.add(new Clock("this node", node, Duration.ZERO, CheckText.face(node), false));
        for (NamedReplica replica : NamedReplica.of(situation.replicas(), now)) {
            ReplicaSighting sighting = replica.sighting();
            if (sighting.clock() != null) {
                OffsetInterval offset = sighting.clock().at(now);
                Duration against = offset.midpoint().minus(situation.nodeClockShift());
                Instant at = now.plus(offset.midpoint());
                String figures = String.format(
                        Locale.ROOT,
                        "%s  %+.3f s ± %.3f s  %s",
                        CheckText.face(at),
                        Seconds.of(against),
                        Seconds.of(offset.uncertainty()),
                        sighting.finding().word());
                clocks.add(new Clock(
                        "replica " + replica.name() + " at " + sighting.address(),
                        at,
                        offset.uncertainty(),
                        figures,
                        against.abs().compareTo(NOTABLE) >= 0));
            }
        }
        return clocks;
    }
}
