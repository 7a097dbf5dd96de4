package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Terms;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The control: from what the token file says to a verdict, the escrow, and the moment of the next question.
 *
 * <p>{@link #turn()} does what is due and says when to come again; one thread turns it (or a test, in simulated time).
 * {@link #read} and {@link #situation()} may be called from any thread.
 *
 * <p>Which tokens have a place, and which of them is in use, is for {@link Rotation} to say. The verdict is about the one
 * in use; its <em>candidate</em> is the newer one that the file holds meanwhile.
 */
public final class Guardian implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private final Function<TokenReading.Present, GuardedToken> guard;
    private final Timeline timeline;
    private final Escrow escrow;
    private final ReplicaSightings sightings;
    private final Basis basis;
    private final List<Consumer<Situation>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong rotations = new AtomicLong();
    private final AtomicReference<@Nullable TokenReading> unread = new AtomicReference<>();
    private final AtomicBoolean asked = new AtomicBoolean();

    private final Rotation rotation = new Rotation();

    private @Nullable String unreadable;
    private boolean started;
    private volatile Situation situation;

    /**
     * @param chance from 0 (inclusive) to 1 (exclusive), for pauses that should not be in step with other guardians'
     */
    public Guardian(ApiServer apiServer, Terms.Rules rules, Timeline timeline, DoubleSupplier chance, Escrow escrow) {
        this(apiServer, rules, timeline, chance, escrow, new ReplicaSightings());
    }

    private Guardian(
            ApiServer apiServer,
            Terms.Rules rules,
            Timeline timeline,
            DoubleSupplier chance,
            Escrow escrow,
            ReplicaSightings sightings) {
        this(
                added -> new Inquiry(added, rules, apiServer, sightings, chance),
                Basis.REQUESTS,
                timeline,
                escrow,
                sightings);
    }

    /**
     * Over tokens of another kind.
     *
     * @param guard gives a token its place
     * @param basis of the verdict while there is no token
     */
    Guardian(
            Function<TokenReading.Present, GuardedToken> guard,
            Basis basis,
            Timeline timeline,
            Escrow escrow,
            ReplicaSightings sightings) {
        this.guard = guard;
        this.basis = basis;
        this.timeline = timeline;
        this.escrow = escrow;
        this.sightings = sightings;
        sightings.onAnswer(rotation::hear);
        this.situation = situationAt(timeline.instant());
    }

    /** Takes what the token file says now; the next turn looks at it. */
    public void read(TokenReading reading) {
        unread.set(reading);
    }

    /** What was known after the last turn or answer. */
    public Situation situation() {
        return situation;
    }

    /** How many answers so far were of {@code finding}. */
    public long answers(Finding finding) {
        return sightings.answers(finding);
    }

    /**
     * How often a newer token has taken the place of the one before, or the file has gone back to an older one. Not counted
     * is an older one that is in use for a while because a replica's clock was set back.
     */
    public long rotations() {
        return rotations.get();
    }

    /** Has {@code listener} called with each situation, on the turning thread: it must return at once. */
    public void onSituation(Consumer<Situation> listener) {
        listeners.add(listener);
    }

    /**
     * Does what is due now and publishes what came of it.
     *
     * @return when the next turn is due, on the time line; a new reading makes it due at once
     */
    public Instant turn() {
        takeReading();
        settle();
        // One question each: a new reading is looked at before the next.
        rotation.all().forEach(this::act);
        return nextTurn();
    }

    /** Has every accepted token asked about at the next turn; from any thread. */
    public void askSoon() {
        asked.set(true);
    }

    private void takeReading() {
        if (asked.getAndSet(false)) {
            rotation.all().forEach(GuardedToken::askSoon);
        }
        TokenReading reading = unread.getAndSet(null);
        if (reading instanceof TokenReading.Unreadable missing) {
            unreadable = missing.explanation();
            if (!rotation.all().isEmpty()) {
                LOG.warnf("token=kept %s; the last good token stays", unreadable);
            }
        } else if (reading instanceof TokenReading.Present present) {
            unreadable = null;
            rotation.adopt(present, guard, timeline.instant());
        }
    }

    private void act(GuardedToken guarded) {
        // What came of another one's question may have ended this one.
        boolean asked = rotation.all().contains(guarded) && guarded.act(timeline.instant());
        // An interrupt gives the question up: what came of it says nothing of the API server.
        if (asked && !Thread.currentThread().isInterrupted()) {
            settle();
        }
    }

    /** Promotes a candidate where that is due, and publishes. */
    private void settle() {
        Instant now = timeline.instant();
        if (rotation.settle(now)) {
            rotations.incrementAndGet();
        }
        Situation next = situationAt(now);
        started = next.started();
        situation = next;
        escrow.publish(holding(next));
        listeners.forEach(listener -> listener.accept(next));
    }

    private Situation situationAt(Instant now) {
        GuardedToken current = rotation.current(now);
        GuardedToken candidate = rotation.candidate(now);
        Verdict verdict = current == null ? withoutToken() : current.verdict(now);
        return new Situation(
                now,
                verdict,
                current == null ? null : current.reading(),
                candidate == null ? null : candidate.token(),
                candidate == null ? null : candidate.outlook(now),
                sightings.all(),
                started || verdict instanceof Verdict.Accepted,
                timeline.nodeClockShift(),
                current == null ? basis : current.basis(now));
    }

    private Verdict withoutToken() {
        return unreadable == null ? new Verdict.Pending() : new Verdict.Unreadable(unreadable);
    }

    private static Escrow.Holding holding(Situation situation) {
        Token token = situation.token() == null ? null : situation.token().token();
        return situation.isAccepted()
                ? new Escrow.Holding(token, situation.candidate())
                : new Escrow.Holding(null, token);
    }

    private Instant nextTurn() {
        if (unread.get() != null || asked.get()) {
            return timeline.instant();
        }
        Instant now = timeline.instant();
        return Stream.concat(
                        Stream.of(rotation.nextSettle(now)),
                        rotation.all().stream().map(guarded -> guarded.nextAct(now)))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /** Closes the connections that are still open; only after the last turn. */
    @Override
    public void close() {
        rotation.close();
    }
}
