package io.tokenguardian.proxy.http;

import java.util.concurrent.Semaphore;

/**
 * Charges the memory for a request line and headers of more than ordinary size to the budget that all connections
 * share, until the request ends. Others are free, so that they pass after large ones have used it up.
 */
public final class HeadCharge {

    /** The total budget of all connections, in bytes. */
    public static final int TOTAL = 8 << 20;

    /** The number of bytes at the start of each request's headers that are not charged. */
    public static final int FREE = 6 << 10;

    /** The bytes charged for each header field in addition to its text, for the objects that represent it. */
    static final int FIELD = 128;

    private final Semaphore budget;
    private int charged;

    /** @param budget has a permit for each byte */
    HeadCharge(Semaphore budget) {
        this.budget = budget;
    }

    /**
     * Charges {@code due} bytes in all. Returns false if the budget is too small for this charge; earlier charges
     * remain.
     */
    boolean grow(int due) {
        if (due <= charged) {
            return true;
        }
        if (!budget.tryAcquire(due - charged)) {
            return false;
        }
        charged = due;
        return true;
    }

    void end() {
        budget.release(charged);
        charged = 0;
    }
}
