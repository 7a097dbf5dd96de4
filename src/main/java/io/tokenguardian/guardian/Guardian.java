package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
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
 * {@link TokenSource}, and schedules the probes. A single thread calls {@link #runOnce()}; {@link #tokenStatus()} may
 * be called from any thread. The <em>candidate</em> is the newer token in the file, if any.
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
        this.tokenStatus = statuses.statusAt(timeline.instant(), null, null);
        apiServer.onReplicaChange(this::wake);
    }

    /** Creates a guardian for another kind of token; {@code judgedBy} applies until a token has been read. */
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
        this.tokenStatus = statuses.statusAt(timeline.instant(), null, null);
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

    void onWake(Runnable wakeUp) {
        wake = wakeUp;
    }

    /** Makes the next turn due at once. May be called from any thread. */
    void wake() {
        wake.run();
    }

    boolean hasEverAccepted() {
        return tokenStatus.everAccepted();
    }

    TurnInput input() {
        return input;
    }

    public TokenStatus tokenStatus() {
        return tokenStatus;
    }

    /** Includes contradicted clocks, which {@link ObservedReplicas} no longer shows. */
    List<ObservedReplica> clocks() {
        return clocks;
    }

    public long resultCount(Finding finding) {
        return observedReplicas.resultCount(finding);
    }

    /**
     * Returns how often a newer token has replaced the previous token, or the file has returned to an older token. A
     * temporary return to an older token, because a replica's clock was set back, does not count.
     */
    public long rotations() {
        return rotations.get();
    }

    /** The listener is called on the guardian's thread, in each turn and after each probe. It must return at once. */
    public void onTokenStatus(Consumer<TokenStatus> listener) {
        listeners.add(listener);
    }

    /** As {@link #onTokenStatus}, but only when the status is a {@linkplain TokenStatus#isChangeFrom change}. */
    public void onChange(Consumer<TokenStatus> listener) {
        changeListeners.add(listener);
    }

    /** Does what is due, without waiting. Returns when the next turn is due; new input makes it due at once. */
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

    /** Passes the result to all tokens, because it may put another token in doubt. */
    private void onResult(ProbeResult result, Finding finding) {
        rotation.onResult(result);
        observedReplicas.record(result, finding);
    }

    private void updateAndPublish() {
        Instant now = timeline.instant();
        if (rotation.update(now)) {
            rotations.incrementAndGet();
        }
        TokenStatus next = statuses.statusAt(now, tokenStatus, readError);
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
