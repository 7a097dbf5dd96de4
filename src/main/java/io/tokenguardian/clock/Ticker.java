package io.tokenguardian.clock;

/** A source of monotonic time in nanoseconds. Its zero is arbitrary: only differences count. */
@FunctionalInterface
public interface Ticker {
    long nanos();

    /** The machine's monotonic clock. */
    static Ticker system() {
        return System::nanoTime;
    }
}
