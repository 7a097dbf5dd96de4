package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What requests that wait for an accepted token go by. The guardian's thread brings the situations; any thread may ask, and is
 * answered at once.
 */
public final class Outlook implements Consumer<Situation> {

    /** What decides if waiting can help. */
    private record Decisive(
            @Nullable Token token,
            @Nullable Instant acceptableAfter,
            @Nullable Instant refusedSince) {
        static Decisive of(@Nullable Prospect prospect) {
            if (prospect == null) {
                return new Decisive(null, null, null);
            }
            Verdict verdict = prospect.latest().verdict();
            return new Decisive(
                    tokenOf(prospect.latest()),
                    verdict instanceof Verdict.NotYetValid notYet ? notYet.acceptableAfter() : null,
                    prospect.refusedSince());
        }
    }

    private final Duration refusalStands;
    private final InstantSource timeline;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable Prospect prospect;

    /**
     * @param refusalStands see {@link Patience}
     * @param timeline that of the situations' instants
     */
    public Outlook(Duration refusalStands, InstantSource timeline) {
        this.refusalStands = refusalStands;
        this.timeline = timeline;
    }

    @Override
    public void accept(Situation next) {
        Prospect before = prospect;
        Prospect after = Prospect.after(before, next);
        prospect = after;
        if (!Decisive.of(after).equals(Decisive.of(before))) {
            listeners.forEach(Runnable::run);
        }
    }

    /**
     * Has {@code listener} called after each change of what {@link #helpless} goes by but time, on the thread that made it: it
     * must return at once.
     *
     * @return ends the calls
     */
    public Runnable onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** The token that is not accepted, if it is known that waiting for {@code patience} can't help; else null. */
    public @Nullable Token helpless(Duration patience) {
        Prospect known = prospect;
        if (known == null || known.latest().isAccepted()) {
            return null;
        }
        Instant now = timeline.instant();
        return new Patience(now.plus(patience), refusalStands).isHelpless(known, now) ? tokenOf(known.latest()) : null;
    }

    /** Time left until a refusal that time does not heal has stood long enough; empty when there is none, or it has. */
    public Optional<Duration> untilRefusalStands() {
        Prospect known = prospect;
        Instant since = known == null ? null : known.refusedSince();
        return since == null
                ? Optional.empty()
                : Optional.of(Duration.between(timeline.instant(), since.plus(refusalStands)))
                        .filter(left -> !left.isNegative());
    }

    /** Time left until a token can be accepted; empty when nobody knows. */
    public Optional<Duration> untilAcceptable() {
        return Optional.ofNullable(prospect).flatMap(known -> known.latest().untilAcceptable(timeline.instant()));
    }

    /** Why no token is accepted, in one sentence; empty where one is, or nobody knows. */
    public Optional<String> whyNot() {
        return Optional.ofNullable(prospect)
                .map(Prospect::latest)
                .filter(latest -> !latest.isAccepted())
                .map(latest -> Explanation.of(latest, timeline.instant()).sentence());
    }

    private static @Nullable Token tokenOf(Situation situation) {
        return situation.token() == null ? null : situation.token().token();
    }
}
