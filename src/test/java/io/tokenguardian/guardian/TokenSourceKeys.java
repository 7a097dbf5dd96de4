package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets a test of another package put tokens into a token source, in the control loop's place. */
public final class TokenSourceKeys {
    private TokenSourceKeys() {}

    public static void use(TokenSource tokenSource, @Nullable Token inUse) {
        tokenSource.publish(inUse == null ? List.of() : List.of(inUse), true);
    }

    /** Tokens that only some replicas accept, the best first. */
    public static void usePartly(TokenSource tokenSource, Token... usable) {
        tokenSource.publish(List.of(usable), false);
    }
}
