package io.tokenguardian.proxy.request;

/** What one request has in all of its {@link Stage}s. Only {@link Exchange} changes the stage. */
record RequestParts(
        RequestContext context,
        Caller caller,
        UpstreamRequest head,
        ReplayBody body,
        RequestTokens tokens,
        RetryState retryState,
        ExchangeLog log) {}
