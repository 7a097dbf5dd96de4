package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.TokenTerms;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
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
    private final Rotation rotation = new Rotation();
    private final ReplicaLedger ledger = new ReplicaLedger();
    private final Map<Finding, LongAdder> resultCount =
            Stream.of(Finding.values()).collect(Collectors.toMap(finding -> finding, finding -> new LongAdder()));
    private final TokenStatusFactory statuses;
    private final ClockSamples clockSamples;

    private @Nullable String readError;
    private @Nullable TokenStatus lastChange;
    private volatile TokenStatus tokenStatus;
    private volatile long rotations;
    private volatile List<KnownReplica> clocks = List.of();

    public Guardian(
            ApiServer apiServer,
            TokenTerms.AcceptancePolicy policy,
            Timeline timeline,
            DoubleSupplier chance,
            TokenSource tokenSource) {
        this.newGuardedToken =
                added -> new TokenProbe(added, policy, apiServer, ledger, this::hasEverAccepted, chance, this::wake);
        this.timeline = timeline;
        this.tokenSource = tokenSource;
        this.statuses = new TokenStatusFactory(
                rotation,
                JudgedBy.REQUESTS,
                timeline,
                tokenSource,
                now -> ReplicaLedger.listed(ledger.shown(now), addresses(apiServer)));
        this.clockSamples =
                new ClockSamples(() -> ClockSamples.replicas(apiServer.replicas(), ledger.certificates()), chance);
        this.tokenStatus = statuses.statusAt(timeline.instant(), null, null);
        apiServer.onReplicaChange(this::wake);
    }

    static Set<String> addresses(ApiServer apiServer) {
        return apiServer.discovered().stream()
                .map(ApiServerAddress::hostAndPort)
                .collect(Collectors.toSet());
    }

    /** Creates a guardian for another kind of token; {@code judgedBy} applies until a token has been read. */
    Guardian(
            BiFunction<TokenReading.Present, Guardian, GuardedToken> newGuardedToken,
            JudgedBy judgedBy,
            Timeline timeline,
            TokenSource tokenSource,
            Function<Instant, List<KnownReplica>> replicas) {
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

    public TokenStatus tokenStatus() {
        return tokenStatus;
    }

    /** Includes contradicted clocks, which the {@link ReplicaLedger} no longer shows. */
    List<KnownReplica> clocks() {
        return clocks;
    }

    public long resultCount(Finding finding) {
        return Objects.requireNonNull(resultCount.get(finding)).sum();
    }

    /** Returns how many tokens have been accepted in place of an older token. */
    public long rotations() {
        return rotations;
    }

    /** The listener is called on the guardian's thread, in each turn and after each probe. It must return at once. */
    public void onTokenStatus(Consumer<TokenStatus> listener) {
        listeners.add(listener);
    }

    /** As {@link #onTokenStatus}, but only when the status is a {@linkplain TokenStatus#isChangeFrom change}. */
    public void onChange(Consumer<TokenStatus> listener) {
        changeListeners.add(listener);
    }

    /** Does what is due, without waiting. Returns when the next turn is due. */
    public Instant runOnce() {
        updateAndPublish();
        // Takes only one result per token, so that a new reading is handled before further results.
        rotation.all().forEach(this::step);
        // This comes after the probes, because if a probe has just made the token accepted, this call sets the time of
        // the first sample. The next turn could be too late for that, because it may not be due for minutes.
        clockSamples.schedule(rotation.current(timeline.instant()), timeline.instant());
        return nextTurn();
    }

    /** Takes a reading of the token file. */
    void onReading(TokenReading reading) {
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

    /** Takes a refusal, or the {@code Date} of an acceptance, that the proxy received. */
    void onAnswer(Answer answer) {
        if (answer.finding() == Finding.ACCEPTED) {
            ledger.record(answer);
        } else {
            rotation.all().stream()
                    .filter(guarded -> guarded.token().equals(answer.token()))
                    .forEach(guarded -> guarded.onRefusal(answer.kind()));
        }
    }

    /** Schedules a probe of every token that some replica accepts. */
    void recheck() {
        rotation.all().forEach(GuardedToken::scheduleExtraProbe);
    }

    private void step(GuardedToken guarded) {
        // A result for another token may have removed this token.
        if (rotation.all().contains(guarded) && guarded.step(timeline.instant(), this::record)) {
            updateAndPublish();
        }
    }

    private void record(Answer answer) {
        Objects.requireNonNull(resultCount.get(answer.finding())).increment();
        ledger.record(answer);
    }

    private void updateAndPublish() {
        Instant now = timeline.instant();
        rotation.update(now);
        rotations = rotation.rotations();
        TokenStatus next = statuses.statusAt(now, tokenStatus, readError);
        tokenStatus = next;
        clocks = ledger.all();
        tokenSource.publish(next.usable().tokens(), next.isAccepted());
        if (next.isChangeFrom(lastChange)) {
            lastChange = next;
            changeListeners.forEach(listener -> listener.accept(next));
        }
        listeners.forEach(listener -> listener.accept(next));
    }

    private Instant nextTurn() {
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
