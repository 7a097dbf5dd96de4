package io.tokenguardian.proxy.upstream;

import io.netty.util.AsciiString;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/** Caches the {@code Authorization} values of the last two tokens, so that no request has to build them again. */
public final class BearerHeader {

    private record Cached(@Nullable Token token, AsciiString value) {
        @Override
        public String toString() {
            return "Cached[token=" + token + "]"; // omits the value, which is secret
        }
    }

    private volatile Cached last = new Cached(null, AsciiString.EMPTY_STRING);

    /** Needed because two tokens are sent alternately while replicas accept different tokens. */
    private volatile Cached other = last;

    public AsciiString of(Token token) {
        Cached cached = last;
        if (token.equals(cached.token())) {
            return cached.value();
        }
        Cached second = other;
        if (token.equals(second.token())) {
            return second.value();
        }
        other = cached;
        cached = new Cached(token, new AsciiString("Bearer " + token.bearer()));
        last = cached;
        return cached.value();
    }
}
