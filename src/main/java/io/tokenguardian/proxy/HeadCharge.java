package io.tokenguardian.proxy;

/**
 * What one connection's request head costs in memory, charged to the budget of all heads from its first byte to the
 * request's end. An ordinary head is free, so that a budget which is spent by large heads shuts no ordinary caller out.
 */
final class HeadCharge {

    /** Bytes for all heads together, beyond what each has free. */
    static final long TOTAL = 8 << 20;

    /** What a head may cost before the rest of it is charged. */
    static final int FREE = 6 << 10;

    /** What a header field costs beside its own bytes: the objects that hold it. */
    static final int FIELD = 128;

    private final ByteBudget budget;
    private long charged;

    HeadCharge(ByteBudget budget) {
        this.budget = budget;
    }

    /**
     * Charges for a head of which so much is there.
     *
     * @return false if the budget has no room for it; what was charged before stays charged
     */
    boolean grow(int bytes, int fields) {
        long due = (long) bytes + (long) fields * FIELD - FREE;
        if (due <= charged) {
            return true;
        }
        if (!budget.take(due - charged)) {
            return false;
        }
        charged = due;
        return true;
    }

    /** The request is over. */
    void end() {
        if (charged > 0) {
            budget.giveBack(charged);
            charged = 0;
        }
    }
}
