package io.tokenguardian.guardian;

import io.tokenguardian.replica.Answer;
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
    private static final int MOST_DATES = 64;

    private final AtomicReference<@Nullable TokenReading> nextReading = new AtomicReference<>();
    private final AtomicBoolean recheckRequested = new AtomicBoolean();
    private final BlockingQueue<Answer> dates = new ArrayBlockingQueue<>(MOST_DATES);

    /** For each kind of refusal, the token that the proxy most recently saw refused since the last turn. */
    private final Map<Answer.RefusalKind, Token> nextRefusals = new ConcurrentHashMap<>();

    /** Receives a new reading of the token file. It replaces an earlier reading that no turn has handled. */
    void submit(TokenReading reading) {
        nextReading.set(reading);
    }

    void recheckSoon() {
        recheckRequested.set(true);
    }

    void onRefusal(Answer refusal) {
        nextRefusals.put(refusal.kind(), refusal.token());
    }

    /** Receives an acceptance, for its {@code Date}. */
    void onDate(Answer date) {
        dates.offer(date);
    }

    /** Whether the input makes a turn due at once. Dates do not. */
    boolean needsTurn() {
        return nextReading.get() != null || recheckRequested.get() || !nextRefusals.isEmpty();
    }

    @Nullable
    TokenReading takeReading() {
        return nextReading.getAndSet(null);
    }

    boolean takeRecheck() {
        return recheckRequested.getAndSet(false);
    }

    Map<Answer.RefusalKind, Token> takeRefusals() {
        Map<Answer.RefusalKind, Token> taken = Map.copyOf(nextRefusals);
        taken.forEach(nextRefusals::remove);
        return taken;
    }

    List<Answer> takeDates() {
        List<Answer> taken = new ArrayList<>();
        dates.drainTo(taken);
        return taken;
    }
}
