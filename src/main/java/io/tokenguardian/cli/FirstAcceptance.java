package io.tokenguardian.cli;

import io.tokenguardian.guardian.TokenStatus;
import java.util.function.Consumer;

/** Runs an action once, when a replica accepts a token for the first time. */
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
