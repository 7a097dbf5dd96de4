package io.tokenguardian.pod;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.pod.PodEvent.Reason;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The events that are waiting to be written. If too many are waiting, the oldest are dropped. */
final class PendingEvents {
    /** If this many changes pass without an accepted token, older events are useless. */
    static final int MAX_PENDING = 16;

    /**
     * Well after kubelet replaces a token, at 80 % of its lifetime or after 24 h (docs/api-server.md, kubelet's token
     * volume).
     */
    private static final double OVERDUE = 0.9;

    private final Deque<PodEvent> pending = new ArrayDeque<>();
    private @Nullable PodEvent latest;

    /** The token whose overdue replacement has been reported. */
    private @Nullable Token overdue;

    /** The clocks that have been reported as off. Each is reported once, however often its clock is off. */
    private final Set<String> warned = new HashSet<>();

    synchronized void accept(TokenStatus tokenStatus) {
        PodEvent.of(tokenStatus).ifPresent(this::add);
        Explanation.warnings(tokenStatus).forEach((name, warning) -> {
            if (warned.add(name)) {
                append(new PodEvent(Reason.CLOCK_OFF, name, warning.text(), tokenStatus.at()));
            }
        });
    }

    /** If it is due, adds the event that the token in use has not been replaced in time. */
    synchronized void addOverdue(TokenStatus tokenStatus, Instant now) {
        Token token = tokenStatus.acceptedToken();
        if (token != null && !now.isBefore(nextOverdueCheck(tokenStatus))) {
            overdue = token;
            append(PodEvent.expiring(token, token.claims().requestedExpiry().orElseThrow(), now));
        }
    }

    /**
     * Returns when {@link #addOverdue} may add an event, on the local timeline; {@link Instant#MAX} if it has already
     * added the event.
     */
    synchronized Instant nextOverdueCheck(TokenStatus tokenStatus) {
        Token token = tokenStatus.acceptedToken();
        if (token == null || token.equals(overdue)) {
            return Instant.MAX;
        }
        Instant issuedAt = token.claims().issuedAt();
        Instant end = token.claims().requestedExpiry().orElse(null);
        if (issuedAt == null || end == null) {
            return Instant.MAX;
        }
        Duration life = Duration.between(issuedAt, end);
        return issuedAt.plusMillis((long) (life.toMillis() * OVERDUE))
                .plus(tokenStatus.nodeClockLead().orElse(Duration.ZERO));
    }

    @Nullable
    synchronized PodEvent next() {
        return pending.peek();
    }

    /** Removes {@code event}, even if its message was updated during the write. */
    synchronized void markWritten(PodEvent event) {
        pending.removeIf(waiting -> waiting.isSameAs(event) && waiting.at().equals(event.at()));
    }

    /** Ignores a repetition of the latest event, except that a waiting not-yet-valid event gets the new message. */
    private void add(PodEvent event) {
        if (latest != null && latest.isSameAs(event)) {
            if (event.reason() == Reason.NOT_YET_VALID && pending.remove(latest)) {
                PodEvent refined = new PodEvent(event.reason(), event.subject(), event.message(), latest.at());
                latest = refined;
                pending.add(refined);
            }
            return;
        }
        latest = event;
        append(event);
    }

    synchronized void append(PodEvent event) {
        pending.add(event);
        if (pending.size() > MAX_PENDING) {
            pending.remove();
        }
    }
}
