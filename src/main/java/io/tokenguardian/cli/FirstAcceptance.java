package io.tokenguardian.cli;

import io.tokenguardian.guardian.TokenStatus;
import java.util.function.Consumer;

/** Runs an action when a replica first accepts a token. */
final class FirstAcceptance implements Consumer<TokenStatus> {
    private final Runnable action;
    private boolean seen;

    FirstAcceptance(Runnable action) {
        this.action = action;
    }

    @Override
    public void accept(TokenStatus tokenStatus) {
        if (tokenStatus.usable().everAny() && !seen) {
            seen = true;
            action.run();
        }
    }
}
