package io.tokenguardian.proxy;

/** A request with a token, which takes any upstream and may wait for it. */
abstract class PlainRequest implements LeaseRequest {

    private final RequestTokens tokens;

    PlainRequest(ProxyContext context) {
        this.tokens = new RequestTokens(context, new HoldTimer(context), false);
    }

    @Override
    public final RequestTokens tokens() {
        return tokens;
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
