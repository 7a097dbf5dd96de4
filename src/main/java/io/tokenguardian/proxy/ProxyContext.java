package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.Guardian.ProxyObserver;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The objects that all requests share, on every event loop.
 *
 * @param observer takes what responses show of the replicas
 * @param address the address of the API server
 * @param hostHeader the value of {@code Host} in requests to the API server
 * @param rules the rules that each request has to pass, in this order
 * @param replayBudget bytes of request bodies that may be kept for retries
 * @param headBudget bytes that the headers of requests under way may take
 * @param share bytes that each connection may have in each of its buffers
 * @param timeline the local time line
 * @param nanoTime the monotonic clock
 */
record ProxyContext(
        ProxySettings settings,
        TokenSource tokenSource,
        WaitAdvisor waitAdvisor,
        ProxyObserver observer,
        ApiServerAddress address,
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
        StaleCallers staleCallers,
        InstantSource timeline,
        LongSupplier nanoTime) {

    /** The same objects, for requests that have to pass other rules. */
    ProxyContext withRules(List<RequestRule> others) {
        return new ProxyContext(
                settings,
                tokenSource,
                waitAdvisor,
                observer,
                address,
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
                staleCallers,
                timeline,
                nanoTime);
    }

    /** Makes the headers for the API server. Throws {@link RequestRefusedException} if a rule refuses the request. */
    UpstreamRequest admit(HttpRequest request) {
        for (RequestRule rule : rules) {
            rule.check(request);
        }
        boolean tokenEnded = settings.authorization() != AuthorizationPolicy.REJECT && isTokenEnded(request.headers());
        UpstreamRequest head = UpstreamRequest.of(request, settings.authorization(), hostHeader);
        return tokenEnded && !head.ownCredential() ? head.withTokenEnded() : head;
    }

    /** Each request runs this. The newest token and none are the usual cases, which cost a comparison of bytes. */
    private boolean isTokenEnded(HttpHeaders headers) {
        AsciiString authorization = HeaderList.value(headers, HttpHeaderNames.AUTHORIZATION);
        return authorization != null
                && !staleCallers.isNewest(authorization)
                && staleCallers.count(
                        authorization, HeaderList.value(headers, HttpHeaderNames.USER_AGENT), timeline.instant());
    }

    /**
     * Reports a 401 about a token to the guardian.
     *
     * @param search as it was before this 401
     */
    void reportRefusal(RetryPolicy.Unauthorized refused, ReplicaSearch search) {
        HeardRefusal byClock = search.isTokenInDoubt() ? HeardRefusal.BY_EVERY_CLOCK : HeardRefusal.BY_CLOCK;
        observer.onRefusal(refused.sent(), retryPolicy.isByClock(refused) ? byClock : HeardRefusal.OTHER);
    }

    /** The {@code Retry-After} of the proxy's own responses: the time until a token is usable, if that is known. */
    Duration retryAfter() {
        return waitAdvisor.untilUsable().orElse(ProxyFault.DEFAULT_RETRY_AFTER);
    }
}
