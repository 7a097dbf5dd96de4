package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.guardian.ProxyObserver;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.proxy.http.ByteBudget;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.Prober;
import io.tokenguardian.proxy.upstream.ProxyLog;
import io.tokenguardian.proxy.upstream.ReplicaSearch;
import io.tokenguardian.proxy.upstream.Upstream;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The objects that all requests share, on every event loop.
 *
 * @param observer receives observations of the replicas, made from their responses
 * @param address the address of the API server
 * @param hostHeader the value of {@code Host} in requests to the API server
 * @param replayBudget how many bytes of request bodies may be kept for retries
 * @param nanoTime the monotonic clock
 */
public record RequestContext(
        RequestSettings settings,
        TokenSource tokenSource,
        WaitAdvisor waitAdvisor,
        ProxyObserver observer,
        ApiServerAddress address,
        AsciiString hostHeader,
        RetryPolicy retryPolicy,
        HoldLimit holdLimit,
        ByteBudget replayBudget,
        BearerHeader bearer,
        RequestCounters counters,
        ProxyLog log,
        LongSupplier nanoTime) {

    /**
     * How many bytes of all request bodies together to keep for retries: five of the default {@code replay-limit}. With
     * a full heap, they take at most three quarters of the memory limit in the manifests.
     */
    public static final long REPLAY_TOTAL = 16 << 20;

    public RequestContext(
            RequestSettings settings,
            TokenSource tokenSource,
            WaitAdvisor waitAdvisor,
            ProxyObserver observer,
            ApiServerAddress address,
            RequestCounters counters,
            ProxyLog log,
            LongSupplier nanoTime) {
        this(
                settings,
                tokenSource,
                waitAdvisor,
                observer,
                address,
                new AsciiString(address.hostHeader()),
                new RetryPolicy(settings.leeway()),
                new HoldLimit(),
                new ByteBudget(REPLAY_TOTAL),
                new BearerHeader(),
                counters,
                log,
                nanoTime);
    }

    /** Returns a copy of this context with other counters. */
    public RequestContext withCounters(RequestCounters others) {
        return new RequestContext(
                settings,
                tokenSource,
                waitAdvisor,
                observer,
                address,
                hostHeader,
                retryPolicy,
                holdLimit,
                replayBudget,
                bearer,
                others,
                log,
                nanoTime);
    }

    /** Returns the object that sends search probes for the pools. */
    public Prober prober() {
        return (pool, lease, tokens) -> SearchProbe.send(this, pool, lease, tokens);
    }

    /**
     * Reports to the guardian a 401 that is about a token.
     *
     * @param search the search, in its state before this 401
     */
    void reportRefusal(RetryPolicy.Unauthorized refused, ReplicaSearch search) {
        HeardRefusal byClock = search.isTokenInDoubt() ? HeardRefusal.BY_EVERY_CLOCK : HeardRefusal.BY_CLOCK;
        observer.onRefusal(refused.sent(), retryPolicy.isByClock(refused) ? byClock : HeardRefusal.OTHER);
    }

    /**
     * Reports to the guardian the {@code Date} of a response that arrived over {@code upstream}.
     *
     * @param sentAt when the request was sent, in nanoseconds on the monotonic clock
     */
    void reportDate(Upstream upstream, HttpResponse response, long sentAt) {
        upstream.dates().report(response, sentAt, address, observer, nanoTime);
    }

    /** The {@code Retry-After} of the proxy's own responses: the time until a token is usable, if that is known. */
    public Duration retryAfter() {
        return waitAdvisor().untilUsable().orElse(ProxyFault.DEFAULT_RETRY_AFTER);
    }
}
