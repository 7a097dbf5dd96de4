package io.tokenguardian.guardian;

import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.guardian.ObservedReplicas.HeardDate;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What a guardian has received since its last turn, and handles in its next turn. May be used by any thread. */
final class TurnInput {
    /** The maximum number of dates between two turns. Further dates are dropped, because more will come. */
    private static final int HEARD_DATES = 64;

    private final AtomicReference<@Nullable TokenReading> nextReading = new AtomicReference<>();
    private final AtomicBoolean recheckRequested = new AtomicBoolean();
    private final BlockingQueue<HeardDate> heardDates = new ArrayBlockingQueue<>(HEARD_DATES);

    /** For each kind of refusal, the token that the proxy most recently saw refused since the last turn. */
    private final Map<HeardRefusal, Token> nextRefusals = new ConcurrentHashMap<>();

    /** Receives a new reading of the token file. It replaces an earlier reading that no turn has handled. */
    void submit(TokenReading reading) {
        nextReading.set(reading);
    }

    /** Requests a probe of every token that some replica accepts. */
    void recheckSoon() {
        recheckRequested.set(true);
    }

    /** Receives a refusal of {@code token} that the proxy has received. */
    void hearRefusal(Token token, HeardRefusal refusal) {
        nextRefusals.put(refusal, token);
    }

    /** Receives the {@code Date} of a response that the proxy has received. */
    void hearDate(HeardDate date) {
        heardDates.offer(date);
    }

    /** Whether the input makes a turn due at once. Dates do not. */
    boolean needsTurn() {
        return nextReading.get() != null || recheckRequested.get() || !nextRefusals.isEmpty();
    }

    /** Returns the last new reading, and forgets it; null if none. */
    @Nullable
    TokenReading takeReading() {
        return nextReading.getAndSet(null);
    }

    /** Returns whether a recheck was requested, and forgets the request. */
    boolean takeRecheck() {
        return recheckRequested.getAndSet(false);
    }

    /** Returns the token of the last refusal of this kind, and forgets the refusal; null if none. */
    @Nullable
    Token takeRefused(HeardRefusal kind) {
        return nextRefusals.remove(kind);
    }

    /** Returns the dates in the order in which they were received, and forgets them. */
    List<HeardDate> takeDates() {
        List<HeardDate> dates = new ArrayList<>();
        heardDates.drainTo(dates);
        return dates;
    }
}
