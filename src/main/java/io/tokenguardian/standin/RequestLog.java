package io.tokenguardian.standin;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Records all requests and executions, in the order in which they became known. Thread-safe. */
final class RequestLog {

    private final boolean isRecording;
    private final ConcurrentLinkedQueue<SeenRequest> seen = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<ExecutedRequest> executed = new ConcurrentLinkedQueue<>();

    /**
     * Creates a log, which records nothing if {@code kept} is false. The records of a benchmark would fill the memory.
     */
    RequestLog(boolean kept) {
        this.isRecording = kept;
    }

    boolean isRecording() {
        return isRecording;
    }

    void add(SeenRequest request) {
        if (isRecording) {
            seen.add(request);
        }
    }

    void add(ExecutedRequest request) {
        if (isRecording) {
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
