package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts tokens into a token source for tests of other packages, in place of the control loop. */
public final class TokenSourceKeys {
    private TokenSourceKeys() {}

    public static void use(TokenSource tokenSource, @Nullable Token inUse) {
        tokenSource.publish(inUse == null ? List.of() : List.of(inUse), true);
    }

    /** Puts tokens into the source that only some replicas accept, the best first. */
    public static void usePartly(TokenSource tokenSource, Token... usable) {
        tokenSource.publish(List.of(usable), false);
    }
}
