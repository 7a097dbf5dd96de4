package io.tokenguardian.clock;

import java.time.Duration;

/** Bounds of another clock's offset. The other clock's time is the local time plus the offset. */
public record OffsetInterval(Duration lower, Duration upper) {

    public Duration width() {
        return upper.minus(lower);
    }

    public Duration midpoint() {
        return lower.plus(width().dividedBy(2));
    }

    /** Returns half the width: the maximum error of the midpoint. */
    public Duration uncertainty() {
        return width().dividedBy(2);
    }

    /** Returns the bounds relative to a clock that is {@code shift} ahead of the local clock. */
    public OffsetInterval minus(Duration shift) {
        return new OffsetInterval(lower.minus(shift), upper.minus(shift));
    }

    public boolean contains(Duration offset) {
        return offset.compareTo(lower) >= 0 && offset.compareTo(upper) <= 0;
    }

    public boolean overlaps(OffsetInterval other) {
        return lower.compareTo(other.upper) <= 0 && other.lower.compareTo(upper) <= 0;
    }
}
