package io.tokenguardian.proxy;

import io.netty.util.AsciiString;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/** Caches the {@code Authorization} value of the token in use, so that it is built once per token, not per request. */
final class BearerHeader {

    private record Cached(@Nullable Token token, AsciiString value) {
        @Override
        public String toString() {
            return "Cached[token=" + token + "]"; // without the value, which is secret
        }
    }

    private volatile Cached last = new Cached(null, AsciiString.EMPTY_STRING);

    AsciiString of(Token token) {
        Cached cached = last;
        if (!token.equals(cached.token())) {
            cached = new Cached(token, new AsciiString("Bearer " + token.bearer()));
            last = cached;
        }
        return cached.value();
    }
}
