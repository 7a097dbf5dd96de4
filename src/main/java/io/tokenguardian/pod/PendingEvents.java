package io.tokenguardian.pod;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.pod.PodEvent.Reason;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The events that are waiting to be written. If too many are waiting, the oldest are dropped. Not thread-safe. */
final class PendingEvents {
    /** If this many changes pass without an accepted token, older events are useless. */
    static final int MAX_PENDING = 16;

    /** Limited separately, because any process in the pod can be a new caller. */
    static final int MAX_OF_PROXY = 4;

    /**
     * Well after kubelet replaces a token, at 80 % of its lifetime or after 24 h (docs/api-server.md, kubelet's token
     * volume).
     */
    private static final double OVERDUE = 0.9;

    private final Deque<PodEvent> pending = new ArrayDeque<>();
    private @Nullable PodEvent latest;
    private @Nullable PodEvent lastExpiring;
    private final Supplier<Set<String>> clocksOff;
    private Set<String> warned = Set.of();

    /** @param clocksOff {@code StatusLog.clocksOff}; the log must get each status before this object does */
    PendingEvents(Supplier<Set<String>> clocksOff) {
        this.clocksOff = clocksOff;
    }

    void accept(TokenStatus tokenStatus) {
        PodEvent.of(tokenStatus).ifPresent(this::add);
        if (tokenStatus.isAccepted()) {
            addWarnings(tokenStatus);
        }
    }

    private void addWarnings(TokenStatus tokenStatus) {
        Set<String> off = clocksOff.get();
        Explanation.warnings(tokenStatus, off).forEach((name, warning) -> {
            if (off.contains(name) && !warned.contains(name)) {
                append(PodEvent.clockOff(name, warning, tokenStatus.at()));
            }
        });
        warned = off;
    }

    /** If it is due, adds the event that the token in use has not been replaced in time. */
    void addOverdue(TokenStatus tokenStatus, Instant now) {
        if (!now.isBefore(overdueAt(tokenStatus))) {
            PodEvent event = PodEvent.expiring(tokenStatus, end(tokenStatus), now);
            if (lastExpiring == null || !lastExpiring.isSameAs(event)) {
                lastExpiring = event;
                append(event);
            }
        }
    }

    /** Returns when {@link #addOverdue} may add an event; {@link Instant#MAX} if it has already added the event. */
    Instant nextOverdueCheck(TokenStatus tokenStatus) {
        Instant due = overdueAt(tokenStatus);
        boolean isAdded = due.isBefore(Instant.MAX)
                && lastExpiring != null
                && lastExpiring.isSameAs(PodEvent.expiring(tokenStatus, end(tokenStatus), due));
        return isAdded ? Instant.MAX : due;
    }

    @Nullable
    PodEvent next() {
        return pending.peek();
    }

    /** Removes {@code event}, even if its message was updated during the write. */
    void markWritten(PodEvent event) {
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

    /** If {@link #MAX_OF_PROXY} events about the proxy are already waiting, drops the oldest of them. */
    void addOfProxy(PodEvent event) {
        List<PodEvent> ofProxy =
                pending.stream().filter(each -> each.reason().isOfProxy()).toList();
        if (ofProxy.size() >= MAX_OF_PROXY) {
            pending.remove(ofProxy.get(0));
        }
        append(event);
    }

    private void append(PodEvent event) {
        pending.add(event);
        if (pending.size() > MAX_PENDING) {
            pending.remove();
        }
    }

    /** Returns when the replacement of the token in use becomes overdue, on the local timeline. */
    private static Instant overdueAt(TokenStatus tokenStatus) {
        Token accepted = tokenStatus.acceptedToken();
        Instant issuedAt = accepted == null ? null : accepted.claims().issuedAt();
        Instant end = end(tokenStatus);
        if (issuedAt == null || end.equals(Instant.MAX)) {
            return Instant.MAX;
        }
        Duration life = Duration.between(issuedAt, end);
        return issuedAt.plusMillis((long) (life.toMillis() * OVERDUE)).plus(aheadOfIssuer(tokenStatus));
    }

    /**
     * Returns how far, at most, the timeline can be ahead of the issuer's clock. The lead over the slowest known
     * replica is a limit, because the file may have been written long after the issue, for example when the CA changes.
     */
    private static Duration aheadOfIssuer(TokenStatus tokenStatus) {
        Duration sinceIssue = tokenStatus.nodeClockLead().orElse(Duration.ZERO);
        return tokenStatus.replicas().stream()
                .map(replica -> replica.aheadOfNode(tokenStatus.at(), Duration.ZERO))
                .flatMap(Stream::ofNullable)
                .map(ahead -> ahead.midpoint().negated())
                .max(Comparator.naturalOrder())
                .filter(slowest -> slowest.compareTo(sinceIssue) < 0)
                .orElse(sinceIssue);
    }

    private static Instant end(TokenStatus tokenStatus) {
        return Optional.ofNullable(tokenStatus.token())
                .flatMap(token -> token.claims().requestedExpiry())
                .orElse(Instant.MAX);
    }
}
