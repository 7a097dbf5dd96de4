package io.tokenguardian.laptop;

import org.jspecify.annotations.Nullable;

/**
 * The result of looking up an object that exists, does not exist, or could not be read.
 *
 * @param value null unless the object exists
 * @param unknownBecause why the object could not be read; otherwise null
 */
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
