package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.TokenTerms;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The control loop: derives the token status from readings of the token file and from probe results, updates the
 * {@link TokenSource}, and schedules the probes.
 *
 * <p>Each turn ({@link #runOnce()}) does what is due and returns when the next turn is due. It is called by a single
 * thread, or by a test in simulated time. {@link #tokenStatus()} may be called from any thread.
 *
 * <p>{@link Rotation} decides which tokens are tracked and which of them is in use. The verdict is about the token in
 * use. While no token is in use, it is about the token that {@link Rotation#current} returns. The <em>candidate</em> is
 * the newer token in the file, if any.
 */
public final class Guardian implements AutoCloseable {
    /** The maximum number of accepted tokens that are kept, including the token in use. */
    public static final int ACCEPTED_KEPT = Rotation.MAX_ACCEPTED;

    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private final Function<TokenReading.Present, GuardedToken> newGuardedToken;
    private volatile Runnable wake = () -> {};
    private final Timeline timeline;
    private final TokenSource tokenSource;
    private final List<Consumer<TokenStatus>> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<TokenStatus>> changeListeners = new CopyOnWriteArrayList<>();
    private final AtomicLong rotations = new AtomicLong();
    private final TurnInput input = new TurnInput();
    private final Rotation rotation = new Rotation();
    private final ObservedReplicas observedReplicas = new ObservedReplicas();
    private final TokenStatusFactory statuses;
    private final ClockSamples clockSamples;

    private @Nullable String readError;
    private @Nullable TokenStatus lastChange;
    private volatile TokenStatus tokenStatus;
    private volatile List<ObservedReplica> clocks = List.of();

    /**
     * @param chance returns a random number from 0 (inclusive) to 1 (exclusive), so that the pauses of guardians differ
     */
    public Guardian(
            ApiServer apiServer,
            TokenTerms.AcceptancePolicy policy,
            Timeline timeline,
            DoubleSupplier chance,
            TokenSource tokenSource) {
        this.newGuardedToken = added -> new TokenProbe(
                added,
                policy,
                apiServer,
                () -> observedReplicas.toldApart(),
                this::hasEverAccepted,
                chance,
                this::wake);
        this.timeline = timeline;
        this.tokenSource = tokenSource;
        this.statuses = new TokenStatusFactory(
                rotation,
                JudgedBy.REQUESTS,
                timeline,
                tokenSource,
                now -> ObservedReplicas.listed(observedReplicas.shown(now), apiServer));
        this.clockSamples = new ClockSamples(
                () -> ClockSamples.replicas(apiServer.replicas(), observedReplicas.certificates()), chance);
        this.tokenStatus = statuses.statusAt(timeline.instant(), false, false, null);
        apiServer.onReplicaChange(this::wake);
    }

    /**
     * Creates a guardian for another kind of token.
     *
     * @param newGuardedToken creates the {@link GuardedToken} for a reading and for this guardian
     * @param judgedBy the basis of the verdict until a token has been read
     * @param replicas returns the replicas that the status shows at an instant
     */
    Guardian(
            BiFunction<TokenReading.Present, Guardian, GuardedToken> newGuardedToken,
            JudgedBy judgedBy,
            Timeline timeline,
            TokenSource tokenSource,
            Function<Instant, List<ObservedReplica>> replicas) {
        this.newGuardedToken = added -> newGuardedToken.apply(added, this);
        this.timeline = timeline;
        this.tokenSource = tokenSource;
        this.statuses = new TokenStatusFactory(rotation, judgedBy, timeline, tokenSource, replicas);
        this.clockSamples = new ClockSamples(() -> 0, () -> 0);
        this.tokenStatus = statuses.statusAt(timeline.instant(), false, false, null);
    }

    /** Returns a guardian that is off: it treats each token that it reads as accepted, and probes none. */
    public static Guardian off(Timeline timeline, TokenSource tokenSource) {
        return new Guardian(
                (added, guardian) -> new UnjudgedToken(added, timeline.instant()),
                JudgedBy.NOBODY,
                timeline,
                tokenSource,
                now -> List.of());
    }

    /** Sets the action that {@link #wake} runs. */
    void onWake(Runnable wakeUp) {
        wake = wakeUp;
    }

    /** Makes the next turn due at once. May be called from any thread. */
    void wake() {
        wake.run();
    }

    /** Whether any token has been accepted so far. */
    boolean hasEverAccepted() {
        return tokenStatus.everAccepted();
    }

    /** Returns the input that the next turn handles. */
    TurnInput input() {
        return input;
    }

    /** Returns the status after the last turn or probe. */
    public TokenStatus tokenStatus() {
        return tokenStatus;
    }

    /**
     * Returns all recently observed clocks. They include clocks that {@link ObservedReplicas} no longer shows because a
     * different clock with the same address and certificate was observed later.
     */
    List<ObservedReplica> clocks() {
        return clocks;
    }

    /** Returns how many probes have had this {@code finding} so far. */
    public long resultCount(Finding finding) {
        return observedReplicas.resultCount(finding);
    }

    /**
     * Returns how many times a newer token has replaced the previous token, or the file has returned to an older token.
     * If an older token is used temporarily because a replica's clock was set back, this is not counted.
     */
    public long rotations() {
        return rotations.get();
    }

    /**
     * Adds a listener, which is called on the guardian's thread and must return at once. It is called in each turn and
     * after each probe, even if the status has not changed. This is for listeners that need the latest clocks and
     * predictions, or that retry something.
     */
    public void onTokenStatus(Consumer<TokenStatus> listener) {
        listeners.add(listener);
    }

    /**
     * Adds a listener, which is called like a listener of {@link #onTokenStatus}, but only when the status is a
     * {@linkplain TokenStatus#isChangeFrom change}.
     */
    public void onChange(Consumer<TokenStatus> listener) {
        changeListeners.add(listener);
    }

    /**
     * Does what is due now and publishes the status. Does not wait for a response.
     *
     * @return when the next turn is due, on the timeline; a new reading or result makes it due at once
     */
    public Instant runOnce() {
        takeInput();
        updateAndPublish();
        // Takes only one result per token, so that a new reading is handled before further results.
        rotation.all().forEach(this::step);
        // This comes after the probes, because if a probe has just made the token accepted, this call sets the time of
        // the first sample. The next turn could be too late for that, because it may not be due for minutes.
        clockSamples.schedule(rotation.current(timeline.instant()), timeline.instant());
        return nextTurn();
    }

    private void takeInput() {
        input.takeDates().forEach(observedReplicas::record);
        for (HeardRefusal kind : HeardRefusal.values()) {
            Token refused = input.takeRefused(kind);
            rotation.all().stream()
                    .filter(guarded -> guarded.token().equals(refused))
                    .forEach(guarded -> guarded.onRefusal(kind));
        }
        if (input.takeRecheck()) {
            rotation.all().forEach(GuardedToken::scheduleExtraProbe);
        }
        TokenReading reading = input.takeReading();
        if (reading instanceof TokenReading.Unreadable missing) {
            readError = missing.explanation();
            if (!rotation.all().isEmpty()) {
                LOG.warnf("token=kept %s; the guardian continues with the tokens that it read before", readError);
            }
        } else if (reading instanceof TokenReading.Present present) {
            readError = null;
            rotation.onReading(present, newGuardedToken, timeline.instant());
        }
    }

    private void step(GuardedToken guarded) {
        // A result for another token may have removed this token.
        if (rotation.all().contains(guarded) && guarded.step(timeline.instant(), this::onResult)) {
            updateAndPublish();
        }
    }

    /**
     * Passes a probe's result to all tokens, because the result may put another token in doubt. Also records the
     * replica.
     */
    private void onResult(JudgedResult judged) {
        rotation.onResult(judged.result());
        observedReplicas.record(judged);
    }

    /** Puts the candidate into use if that is due, and publishes the status. */
    private void updateAndPublish() {
        Instant now = timeline.instant();
        if (rotation.update(now)) {
            rotations.incrementAndGet();
        }
        TokenStatus next = statuses.statusAt(
                now, tokenStatus.everAccepted(), tokenStatus.usable().everAny(), readError);
        tokenStatus = next;
        clocks = observedReplicas.all();
        tokenSource.publish(next.usable().tokens(), next.isAccepted());
        if (next.isChangeFrom(lastChange)) {
            lastChange = next;
            changeListeners.forEach(listener -> listener.accept(next));
        }
        listeners.forEach(listener -> listener.accept(next));
    }

    private Instant nextTurn() {
        if (input.needsTurn()) {
            return timeline.instant();
        }
        Instant now = timeline.instant();
        return Stream.concat(
                        Stream.of(rotation.nextUpdate(now), clockSamples.next()),
                        rotation.all().stream().map(guarded -> guarded.nextStep(now)))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /** Closes the connections that are still open. Call this after the last turn. */
    @Override
    public void close() {
        rotation.close();
    }
}
