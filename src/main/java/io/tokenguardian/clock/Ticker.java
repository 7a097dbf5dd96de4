package io.tokenguardian.clock;

/** A source of monotonic time in nanoseconds, whose zero means nothing: only differences count. */
@FunctionalInterface
public interface Ticker {
    long nanos();

    /** The machine's monotonic clock. */
    static Ticker system() {
        return System::nanoTime;
    }
}
