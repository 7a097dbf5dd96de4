package io.tokenguardian.status;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Seconds;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.ObservedReplica;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.verdict.ValidityWindow;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The output of {@code check -o svg}: verdict and time line as one self-contained picture, for a ticket. */
public final class CheckSvg {
    private static final Duration NOTABLE = Duration.ofSeconds(5);

    private record Event(String name, Instant at) {}

    private record Clock(String name, Instant at, Duration uncertainty, String figures, boolean off) {}

    private final Timeline timeline;

    public CheckSvg(Timeline timeline) {
        this.timeline = timeline;
    }

    public String of(TokenStatus tokenStatus) {
        Instant now = timeline.instant();
        ValidityWindow window = tokenStatus.window();
        List<Event> events = tokenStatus.token() == null
                ? List.of()
                : events(tokenStatus.token().claims(), window);
        List<Clock> clocks = clocks(tokenStatus, now);
        Explanation explanation = Explanation.of(tokenStatus, now);
        SvgDrawing drawing = new SvgDrawing(TimeAxis.of(
                events.stream().map(Event::at).toList(),
                clocks.stream().map(Clock::at).toList()));
        drawing.head(Explanation.words(tokenStatus), tone(tokenStatus), explanation.sentence(), explanation.advice());
        events.forEach(event -> drawing.event(event.name(), CheckText.formatInstant(event.at()), event.at()));
        clocks.forEach(clock ->
                drawing.clock(clock.name(), clock.figures(), clock.off(), clock.at(), clock.uncertainty(), window));
        return drawing.end("asked at " + CheckText.formatInstant(timeline.onNodeClock(now))
                + " by this node's clock; all times UTC");
    }

    private static String tone(TokenStatus tokenStatus) {
        boolean waits = tokenStatus.isUsable() || tokenStatus.verdict() instanceof Verdict.NotYetValid;
        return tokenStatus.isAccepted() ? "good" : waits ? "wait" : "bad";
    }

    private static List<Event> events(TokenClaims claims, ValidityWindow window) {
        List<Event> events = new ArrayList<>();
        add(events, "acceptable from", window.from());
        add(events, "issued", claims.issuedAt());
        add(events, "kubelet should replace it", claims.rotationDue().orElse(null));
        add(events, "expires", claims.expiresAt());
        events.sort(Comparator.comparing(Event::at));
        return events;
    }

    private static void add(List<Event> events, String name, @Nullable Instant at) {
        if (at != null) {
            events.add(new Event(name, at));
        }
    }

    private List<Clock> clocks(TokenStatus tokenStatus, Instant now) {
        List<Clock> clocks = new ArrayList<>();
        Instant node = timeline.onNodeClock(now);
        clocks.add(new Clock("this node", node, Duration.ZERO, CheckText.formatInstant(node), false));
        for (NamedReplica replica : NamedReplica.of(tokenStatus.replicas(), now)) {
            ObservedReplica observedReplica = replica.observedReplica();
            OffsetInterval offset = observedReplica.aheadOfNode(now, timeline.nodeClockShift());
            if (offset != null) {
                Instant at = node.plus(offset.midpoint());
                String figures = String.format(
                        Locale.ROOT,
                        "%s  %s ± %.3f s  %s",
                        CheckText.formatInstant(at),
                        CheckText.offset(offset.midpoint()),
                        Seconds.of(offset.uncertainty()),
                        observedReplica.finding().word());
                clocks.add(new Clock(
                        "replica " + replica.name() + " at " + observedReplica.address(),
                        at,
                        offset.uncertainty(),
                        figures,
                        offset.midpoint().abs().compareTo(NOTABLE) >= 0));
            }
        }
        return clocks;
    }
}
