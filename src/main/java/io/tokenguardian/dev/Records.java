package io.tokenguardian.dev;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Everything that was asked and everything that was done, in the order it was known. Thread-safe. */
final class Records {

    private final boolean kept;
    private final ConcurrentLinkedQueue<SeenRequest> seen = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<ExecutedRequest> executed = new ConcurrentLinkedQueue<>();

    /** Keeps nothing unless {@code kept}: a benchmark would fill the memory. */
    Records(boolean kept) {
        this.kept = kept;
    }

    boolean kept() {
        return kept;
    }

    void add(SeenRequest request) {
        if (kept) {
            seen.add(request);
        }
    }

    void add(ExecutedRequest request) {
        if (kept) {
            executed.add(request);
        }
    }

    List<SeenRequest> seen() {
        return List.copyOf(seen);
    }

    List<ExecutedRequest> executed() {
        return List.copyOf(executed);
    }

    void clear() {
        seen.clear();
        executed.clear();
    }
}
