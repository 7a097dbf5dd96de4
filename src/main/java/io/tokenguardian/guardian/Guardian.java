package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
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
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    /**
     * The first probe of a rotated token is delayed by up to this time: kubelet replaces many pods' tokens together.
     */
    static final Duration ROTATION_SPREAD = Duration.ofSeconds(10);

    /** A reader that returns within this time watches the status. The page reads it every two seconds. */
    static final Duration WATCHED = Duration.ofSeconds(3);

    private final ApiServer apiServer;
    private final TokenTerms.@Nullable AcceptancePolicy policy;
    private final DoubleSupplier chance;
    private volatile Runnable wake = () -> {};
    private final Timeline timeline;
    private final TokenSource tokenSource;
    private final List<Consumer<TokenStatus>> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<TokenStatus>> changeListeners = new CopyOnWriteArrayList<>();
    private final Rotation rotation = new Rotation();
    private final ReplicaLedger ledger = new ReplicaLedger();
    private final Map<Finding, LongAdder> resultCount =
            Stream.of(Finding.values()).collect(Collectors.toMap(finding -> finding, finding -> new LongAdder()));

    private boolean showsAll;
    private @Nullable String readError;
    private @Nullable TokenStatus lastChange;
    private volatile TokenStatus tokenStatus;
    private volatile long rotations;
    private volatile Instant lastRead = Instant.MIN;
    private volatile Instant watchedUntil = Instant.MIN;

    /** {@code policy} is null for a guardian that is off. */
    public Guardian(
            ApiServer apiServer,
            TokenTerms.@Nullable AcceptancePolicy policy,
            Timeline timeline,
            DoubleSupplier chance,
            TokenSource tokenSource) {
        this.apiServer = apiServer;
        this.policy = policy;
        this.timeline = timeline;
        this.chance = chance;
        this.tokenSource = tokenSource;
        this.tokenStatus = statusAt(timeline.instant(), null);
    }

    /** Returns a guardian that is off: it treats each token that it reads as accepted, and probes none. */
    public static Guardian off(Timeline timeline, TokenSource tokenSource) {
        ApiServer none = () -> {
            throw new IllegalStateException("a guardian that is off sends no probes");
        };
        return new Guardian(none, null, timeline, () -> 0, tokenSource);
    }

    private boolean isOff() {
        return policy == null;
    }

    private TokenProbe newProbe(TokenReading.Present reading) {
        TokenTerms terms = policy == null ? TokenTerms.NONE : TokenTerms.of(reading.token(), policy);
        boolean start = !tokenStatus.everAccepted();
        TokenProbe probe = new TokenProbe(reading, terms, apiServer, ledger, firstProbe(), start, chance, this::wake);
        if (isOff()) {
            probe.accept(new Verdict.Accepted(timeline.instant(), null));
        }
        return probe;
    }

    /** Returns when to begin to probe a token that has just been read. A rotated token is in no hurry. */
    private Instant firstProbe() {
        Instant now = timeline.instant();
        Instant until = tokenStatus.window().until();
        boolean hasTime = tokenStatus.isAccepted()
                && (until == null || now.plus(LONGEST_PAUSE).isBefore(until));
        return hasTime ? now.plusNanos((long) (ROTATION_SPREAD.toNanos() * chance.getAsDouble())) : now;
    }

    /** From now on, the status also shows replicas whose clocks other results contradict. */
    void showAllReplicas() {
        showsAll = true;
    }

    void onWake(Runnable wakeUp) {
        wake = wakeUp;
    }

    /** Makes the next turn due at once. Any thread may call it. */
    void wake() {
        wake.run();
    }

    public TokenStatus tokenStatus() {
        return tokenStatus;
    }

    /**
     * As {@link #tokenStatus()}, for a reader that shows the replicas' clocks. While it is called again within
     * {@link #WATCHED} and the token is accepted, one replica's clock is read each second. Any thread may call it.
     */
    public TokenStatus shownStatus() {
        TokenStatus shown = tokenStatus;
        Instant now = timeline.instant();
        boolean returns = shown.isAccepted() && now.isBefore(lastRead.plus(WATCHED));
        lastRead = shown.isAccepted() ? now : lastRead;
        if (returns) {
            boolean begins = !isWatched();
            watchedUntil = now.plus(WATCHED);
            if (begins) {
                wake();
            }
        }
        return shown;
    }

    private boolean isWatched() {
        return timeline.instant().isBefore(watchedUntil);
    }

    public long resultCount(Finding finding) {
        return Objects.requireNonNull(resultCount.get(finding)).sum();
    }

    /** Returns how many tokens have been accepted in place of an older token. */
    public long rotations() {
        return rotations;
    }

    /** The listener is called on the guardian's thread, in each turn and after each probe, and must return at once. */
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
        return nextTurn();
    }

    void onReading(TokenReading reading) {
        if (reading instanceof TokenReading.Unreadable missing) {
            readError = missing.explanation();
            if (!rotation.all().isEmpty()) {
                LOG.warnf("token=kept %s; the guardian continues with the tokens that it read before", readError);
            }
        } else if (reading instanceof TokenReading.Present present) {
            readError = null;
            if (!rotation.returnTo(present.token())) {
                rotation.add(newProbe(present), timeline.instant());
            }
        }
    }

    /** Takes a refusal, or the {@code Date} of an acceptance, that the proxy received. */
    void onAnswer(Answer answer) {
        if (isOff()) {
            return;
        }
        if (answer.finding() == Finding.ACCEPTED) {
            ledger.record(answer);
        }
        rotation.all().stream()
                .filter(probe -> probe.token().equals(answer.token()))
                .forEach(probe -> probe.onAnswer(answer));
    }

    private void step(TokenProbe probe) {
        Instant now = timeline.instant();
        // A result for another token may have removed this token. A guardian that is off probes none.
        if (!isOff() && rotation.all().contains(probe) && probe.step(now, use(probe, now), this::record)) {
            updateAndPublish();
        }
    }

    private Pace.Use use(TokenProbe probe, Instant now) {
        return !probe.equals(rotation.current(now)) ? Pace.Use.KEPT : isWatched() ? Pace.Use.WATCHED : Pace.Use.CURRENT;
    }

    /** For a check that runs only once, as {@link TokenProbe#awaitResult}. */
    boolean awaitResult(int received) {
        return rotation.all().stream().anyMatch(probe -> probe.awaitResult(timeline.instant(), received));
    }

    private void record(Answer answer) {
        Objects.requireNonNull(resultCount.get(answer.finding())).increment();
        ledger.record(answer);
    }

    private void updateAndPublish() {
        Instant now = timeline.instant();
        rotation.update(now);
        rotations = rotation.rotations();
        TokenStatus next = statusAt(now, tokenStatus);
        tokenStatus = next;
        tokenSource.publish(next.usable().tokens(), next.isAccepted());
        if (next.isChangeFrom(lastChange)) {
            lastChange = next;
            changeListeners.forEach(listener -> listener.accept(next));
        }
        listeners.forEach(listener -> listener.accept(next));
    }

    private TokenStatus statusAt(Instant now, @Nullable TokenStatus before) {
        TokenProbe current = rotation.current(now);
        TokenProbe candidate = rotation.candidate(now);
        Verdict verdict = current != null
                ? current.judge().verdict(now)
                : readError == null ? new Verdict.Pending() : new Verdict.Unreadable(readError);
        List<Token> usable = rotation.usableTokens(now);
        return new TokenStatus(
                now,
                verdict,
                current == null ? null : current.reading(),
                current == null
                        ? ValidityWindow.UNBOUNDED
                        : current.judge().terms().window(),
                candidate == null
                        ? null
                        : new TokenStatus.Candidate(
                                candidate.token(), candidate.judge().candidateVerdict(now)),
                new TokenStatus.Usable(
                        usable,
                        !usable.isEmpty() || (before != null && before.usable().everAny()),
                        current == null || !usable.isEmpty() ? null : current.firstRefusalToEnd(now)),
                isOff() ? List.of() : showsAll ? ledger.all() : ledger.shown(now),
                verdict instanceof Verdict.Accepted || (before != null && before.everAccepted()),
                timeline.nodeClockShift(),
                isOff(),
                current == null ? null : readError,
                before == null || isOff() ? null : before.nextResumedAt(now, timeline.onNodeClock(now)),
                TokenStatus.refusedSince(
                        before, current == null ? null : current.token(), verdict, !usable.isEmpty(), now));
    }

    private Instant nextTurn() {
        if (isOff() || rotation.all().isEmpty()) {
            return Instant.MAX;
        }
        Instant now = timeline.instant();
        return Stream.concat(
                        Stream.of(rotation.nextUpdate(now), now.plus(LONGEST_PAUSE)),
                        rotation.all().stream().map(probe -> probe.nextStep(now, use(probe, now))))
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** Closes the connections that are still open. Call this after the last turn. */
    @Override
    public void close() {
        rotation.close();
    }
}
