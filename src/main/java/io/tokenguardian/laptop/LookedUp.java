package io.tokenguardian.laptop;

import org.jspecify.annotations.Nullable;

/** An object that exists, is missing (both are null), or could not be read, as {@code unknownBecause} explains. */
record LookedUp<T>(@Nullable T value, @Nullable String unknownBecause) {

    static <T> LookedUp<T> found(T value) {
        return new LookedUp<>(value, null);
    }

    static <T> LookedUp<T> missing() {
        return new LookedUp<>(null, null);
    }

    static <T> LookedUp<T> unknown(String because) {
        return new LookedUp<>(null, because);
    }

    boolean isMissing() {
        return value == null && unknownBecause == null;
    }
}
