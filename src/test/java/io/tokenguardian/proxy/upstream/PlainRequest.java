package io.tokenguardian.proxy.upstream;

import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.token.Token;
import java.util.List;

/** A request with a token, which takes any upstream and may wait. */
abstract class PlainRequest implements LeaseRequest {

    private final TokenSource source;

    PlainRequest(TokenSource source) {
        this.source = source;
    }

    @Override
    public final LeaseTokens tokens() {
        return new LeaseTokens() {
            @Override
            public boolean ownCredential() {
                return false;
            }

            @Override
            public List<Token> usable() {
                return source.usable();
            }

            @Override
            public List<Token> forNewConnection() {
                return source.usable();
            }

            @Override
            public boolean mayBeRefused() {
                return !source.isAcceptedByEvery();
            }
        };
    }

    @Override
    public final boolean needsNewConnection() {
        return false;
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public final boolean mayWait() {
        return true;
    }
}
