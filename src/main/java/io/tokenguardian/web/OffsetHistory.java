package io.tokenguardian.web;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.status.NamedReplica;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How far each replica's clock was ahead of this node's clock: the newest offset of each minute, keyed by
 * {@link NamedReplica#name}. While {@link #MOST_REPLICAS} are kept, others are ignored. May be read from any thread.
 */
@Singleton
public final class OffsetHistory implements Consumer<TokenStatus> {
    static final Duration KEPT = Duration.ofHours(1);
    static final int MOST_REPLICAS = 16;

    /** @param at when the replica was observed, on the local timeline */
    record Point(Instant at, Duration offset) {}

    private final Map<String, Deque<Point>> points = new LinkedHashMap<>();

    @Override
    public synchronized void accept(TokenStatus tokenStatus) {
        Instant now = tokenStatus.at();
        Instant oldest = now.minus(KEPT);
        forgetBefore(oldest);
        for (NamedReplica replica : NamedReplica.of(tokenStatus.replicas(), now)) {
            KnownReplica observedReplica = replica.observedReplica();
            OffsetInterval offset = observedReplica.aheadOfNode(now, tokenStatus.nodeClockShift());
            if (offset != null && !observedReplica.lastResultAt().isBefore(oldest)) {
                add(replica.name(), new Point(observedReplica.lastResultAt(), offset.midpoint()));
            }
        }
    }

    private void add(String name, Point point) {
        if (points.size() >= MOST_REPLICAS && !points.containsKey(name)) {
            return;
        }
        Deque<Point> line = points.computeIfAbsent(name, each -> new ArrayDeque<>());
        Point last = line.peekLast();
        if (last != null && !point.at().isAfter(last.at())) {
            return;
        }
        if (last != null && minute(last).equals(minute(point))) {
            line.removeLast();
        }
        line.addLast(point);
    }

    /** Oldest first, keyed by the replica's name. */
    synchronized Map<String, List<Point>> lines(Instant now) {
        forgetBefore(now.minus(KEPT));
        Map<String, List<Point>> lines = new LinkedHashMap<>();
        points.forEach((name, line) -> lines.put(name, new ArrayList<>(line)));
        return lines;
    }

    private void forgetBefore(Instant oldest) {
        points.values().forEach(line -> line.removeIf(point -> point.at().isBefore(oldest)));
        points.values().removeIf(Deque::isEmpty);
    }

    private static Instant minute(Point point) {
        return point.at().truncatedTo(ChronoUnit.MINUTES);
    }
}
