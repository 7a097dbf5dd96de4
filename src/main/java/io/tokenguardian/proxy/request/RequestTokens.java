package io.tokenguardian.proxy.request;

import io.tokenguardian.proxy.upstream.LeaseTokens;
import io.tokenguardian.proxy.upstream.Upstream;
import io.tokenguardian.token.Token;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class RequestTokens implements LeaseTokens {

    private final RequestContext context;
    private final HoldTimer holdTimer;
    private final boolean ownCredential;

    RequestTokens(RequestContext context, HoldTimer holdTimer, boolean ownCredential) {
        this.context = context;
        this.holdTimer = holdTimer;
        this.ownCredential = ownCredential;
    }

    @Override
    public boolean ownCredential() {
        return ownCredential;
    }

    boolean areReady() {
        return ownCredential || best() != null;
    }

    /**
     * Null if the request has to wait. If no replica accepts a token and waiting can't help, this is a token that is
     * not accepted, so that the caller gets the API server's own response.
     */
    @Nullable
    Token best() {
        Token usable = context.tokenSource().best();
        return usable == null ? context.waitAdvisor().hopelessToken(holdTimer.left()) : usable;
    }

    @Override
    public List<Token> usable() {
        return ownCredential ? List.of() : context.tokenSource().usable();
    }

    @Override
    public List<Token> forNewConnection() {
        return context.tokenSource().usable();
    }

    @Override
    public boolean mayBeRefused() {
        return !ownCredential && !context.tokenSource().isAcceptedByEvery();
    }

    /** The token to send over {@code upstream}; null if the request has to wait. */
    @Nullable
    Token over(Upstream upstream) {
        List<Token> usable = usable();
        return usable.isEmpty() ? best() : upstream.tokens().choose(usable, context.nanoTime());
    }

    boolean mayBeAcceptedOver(Upstream upstream) {
        return upstream.tokens().mayAcceptOneOf(usable(), context.nanoTime().getAsLong());
    }
}
