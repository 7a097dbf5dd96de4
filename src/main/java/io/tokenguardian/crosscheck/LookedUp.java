package io.tokenguardian.crosscheck;

import org.jspecify.annotations.Nullable;

/**
 * Something that is there, or is not there, or could not be looked at.
 *
 * @param value null unless it is there
 * @param unknownBecause why it could not be looked at; else null
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
