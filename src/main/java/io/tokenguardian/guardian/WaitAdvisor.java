package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether waiting for a usable token can help. The guardian's thread calls {@link #accept}, because later statuses
 * contain better predictions. The other methods may be called from any thread, and return at once.
 */
public final class WaitAdvisor implements Consumer<TokenStatus> {

    private record Decisive(
            @Nullable Token token,
            boolean usable,
            @Nullable Instant acceptableAfter,
            @Nullable Instant finalAt) {
        static Decisive of(TokenStatus known, Duration refusalFinalAfter) {
            Verdict.NotYetValid first = known.usable().first();
            return new Decisive(
                    known.token(),
                    known.isUsable(),
                    first == null ? null : first.acceptableAfter(),
                    known.finalAt(refusalFinalAfter));
        }
    }

    private final Duration refusalFinalAfter;
    private final InstantSource timeline;
    private final BiFunction<TokenStatus, Instant, String> explain;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable TokenStatus latest;

    /** {@code explain} describes a status in words, as of a given instant. */
    public WaitAdvisor(
            Duration refusalFinalAfter, InstantSource timeline, BiFunction<TokenStatus, Instant, String> explain) {
        this.refusalFinalAfter = refusalFinalAfter;
        this.timeline = timeline;
        this.explain = explain;
    }

    @Override
    public void accept(TokenStatus next) {
        TokenStatus before = latest;
        latest = next;
        if (before == null || !Decisive.of(next, refusalFinalAfter).equals(Decisive.of(before, refusalFinalAfter))) {
            listeners.forEach(Runnable::run);
        }
    }

    /** As {@link TokenSource#onChange}, when more than the passing of time may change {@link #hopelessToken}. */
    public Runnable onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Returns the token if none is usable and waiting {@code maxWait} is certain not to help; else null. */
    public @Nullable Token hopelessToken(Duration maxWait) {
        TokenStatus known = latest;
        if (known == null || known.isUsable()) {
            return null;
        }
        Instant now = timeline.instant();
        boolean hopeless = new WaitPolicy(now.plus(maxWait), refusalFinalAfter, AcceptedBy.ANY).isHopeless(known, now);
        return hopeless ? known.token() : null;
    }

    /** Returns the time until expired or refused becomes final; empty if it already is, or the verdict is neither. */
    public Optional<Duration> untilRefusalIsFinal() {
        TokenStatus known = latest;
        Instant finalAt = known == null ? null : known.finalAt(refusalFinalAfter);
        return Optional.ofNullable(finalAt)
                .map(end -> Duration.between(timeline.instant(), end))
                .filter(left -> !left.isNegative());
    }

    public Optional<Duration> untilUsable() {
        return Optional.ofNullable(latest).flatMap(known -> known.untilUsable(timeline.instant()));
    }

    /** Explains in words why no token is accepted; empty if a token is accepted, or before the first status. */
    public Optional<String> explanation() {
        return Optional.ofNullable(latest)
                .filter(known -> !known.isAccepted())
                .map(known -> explain.apply(known, timeline.instant()));
    }
}
