package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The objects that all requests share, on every event loop.
 *
 * @param hostHeader the value of {@code Host} in requests to the API server
 * @param rules the rules that each request has to pass, in this order
 * @param replayBudget bytes of request bodies that may be kept for retries
 * @param headBudget bytes that the heads of requests under way may take
 * @param share bytes that each connection may have in each of its buffers
 * @param nanoTime the monotonic clock
 */
record ProxyContext(
        ProxySettings settings,
        TokenSource tokenSource,
        WaitAdvisor waitAdvisor,
        AsciiString hostHeader,
        List<RequestRule> rules,
        RetryPolicy retryPolicy,
        HoldLimit holdLimit,
        ByteBudget replayBudget,
        ByteBudget headBudget,
        BufferShare share,
        ProxyCounters counters,
        ProxyLog log,
        BearerHeader bearer,
        LongSupplier nanoTime) {

    /**
     * The best token to send: the token in use. If there is none and waiting can't help, a token that is not accepted, so
     * that the caller gets the API server's own response. Otherwise null: the request has to wait.
     */
    @Nullable
    Token token(HoldTimer holdTimer) {
        Token inUse = tokenSource.inUse();
        return inUse == null ? waitAdvisor.hopelessToken(holdTimer.left()) : inUse;
    }

    /** The token to send over {@code upstream}, of whose replica more is known. Null as for the other method. */
    @Nullable
    Token token(HoldTimer holdTimer, Upstream upstream) {
        List<Token> usable = tokenSource.usable();
        return usable.isEmpty() ? token(holdTimer) : upstream.tokens().choose(usable, nanoTime.getAsLong());
    }

    /** The same objects, for requests that have to pass other rules. */
    ProxyContext withRules(List<RequestRule> others) {
        return new ProxyContext(
                settings,
                tokenSource,
                waitAdvisor,
                hostHeader,
                others,
                retryPolicy,
                holdLimit,
                replayBudget,
                headBudget,
                share,
                counters,
                log,
                bearer,
                nanoTime);
    }

    /** Makes the head for the API server. Throws {@link RequestRefusedException} if a rule refuses the request. */
    UpstreamRequest admit(HttpRequest request) {
        for (RequestRule rule : rules) {
            rule.check(request);
        }
        return UpstreamRequest.of(request, settings.authorization(), hostHeader);
    }

    /** The {@code Retry-After} for a request that got no accepted token. */
    Duration retryAfter() {
        return waitAdvisor.untilUsable().orElse(ProxyFault.DEFAULT_RETRY_AFTER);
    }
}
