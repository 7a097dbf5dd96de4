package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/** Lets a test of another package put tokens into an escrow, in the control loop's place. */
public final class EscrowKeys {
    private EscrowKeys() {}

    public static void use(Escrow escrow, @Nullable Token inUse) {
        escrow.publish(new Escrow.Holding(inUse, null));
    }
}
