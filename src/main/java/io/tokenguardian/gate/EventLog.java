package io.tokenguardian.gate;

import io.tokenguardian.gate.PodEvent.Reason;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.TokenReading.Present;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which events are to be told: one for each change, and those that can't be told yet, of which the oldest go when they
 * are too many. For one thread at a time.
 */
final class EventLog {
    /** A token that has been waiting for an API server for so many changes has told enough. */
    static final int MOST_UNTOLD = 16;

    /**
     * kubelet replaces a token at 80 % of its life or after 24 h (docs/api-server.md, kubelet's token volume): this is
     * well past the first.
     */
    private static final double OVERDUE = 0.9;

    private final Deque<PodEvent> untold = new ArrayDeque<>();
    private @Nullable PodEvent latest;
    private @Nullable PodEvent lastExpiring;

    /** Takes a new situation. */
    void accept(Situation situation) {
        PodEvent.of(situation).ifPresent(this::add);
    }

    /** Adds what is due by itself: that the token in use has not been replaced in time. */
    void tick(Situation situation, Instant now) {
        if (!now.isBefore(overdueAt(situation))) {
            PodEvent event = PodEvent.expiring(situation, end(situation), now);
            if (lastExpiring == null || !lastExpiring.isSameAs(event)) {
                lastExpiring = event;
                untold.add(event);
                bound();
            }
        }
    }

    /** When {@link #tick} may have something to add; far away when it has said so already. */
    Instant nextTick(Situation situation) {
        Instant due = overdueAt(situation);
        boolean said = due.isBefore(Instant.MAX)
                && lastExpiring != null
                && lastExpiring.isSameAs(PodEvent.expiring(situation, end(situation), due));
        return said ? Instant.MAX : due;
    }

    /** The next event to tell; null when all is told. */
    @Nullable
    PodEvent next() {
        return untold.peek();
    }

    void told(PodEvent event) {
        untold.remove(event);
    }

    /** The same again only makes a wait's message more exact, as long as that is not told yet. */
    private void add(PodEvent event) {
        if (latest != null && latest.isSameAs(event)) {
            if (event.reason() == Reason.NOT_YET_VALID && untold.remove(latest)) {
                PodEvent refined = new PodEvent(event.reason(), event.subject(), event.message(), latest.at());
                latest = refined;
                untold.add(refined);
            }
            return;
        }
        latest = event;
        untold.add(event);
        bound();
    }

    private void bound() {
        if (untold.size() > MOST_UNTOLD) {
            untold.remove();
        }
    }

    /** On the local time line, by the node's clock as it was when the token was written. */
    private static Instant overdueAt(Situation situation) {
        Present present = situation.token();
        Instant issuedAt = present == null ? null : present.token().claims().issuedAt();
        Instant end = end(situation);
        if (present == null || issuedAt == null || !situation.isAccepted() || end.equals(Instant.MAX)) {
            return Instant.MAX;
        }
        Duration life = Duration.between(issuedAt, end);
        Duration ahead = present.aheadOfIssuer().orElse(Duration.ZERO);
        return issuedAt.plusMillis((long) (life.toMillis() * OVERDUE)).plus(ahead);
    }

    private static Instant end(Situation situation) {
        return Optional.ofNullable(situation.token())
                .flatMap(present -> present.token().claims().usedUntil())
                .orElse(Instant.MAX);
    }
}
