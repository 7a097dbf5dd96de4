package io.tokenguardian.proxy;

import io.netty.util.AsciiString;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/** The {@code Authorization} of the token in use, made once a token and not once a request. */
final class BearerHeader {

    private record Made(@Nullable Token token, AsciiString value) {
        @Override
        public String toString() {
            return "Made[token=" + token + "]";
        }
    }

    private volatile Made last = new Made(null, AsciiString.EMPTY_STRING);

    AsciiString of(Token token) {
        Made made = last;
        if (!token.equals(made.token())) {
            made = new Made(token, new AsciiString("Bearer " + token.bearer()));
            last = made;
        }
        return made.value();
    }
}
