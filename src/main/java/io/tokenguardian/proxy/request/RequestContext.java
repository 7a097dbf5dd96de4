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

    /** In bytes: five times the default {@code replay-limit}. With a full heap, 3/4 of the manifests' memory limit. */
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

    public Prober prober() {
        return (pool, lease, tokens) -> SearchProbe.send(this, pool, lease, tokens);
    }

    /** @param search the search, in its state before this 401 */
    void reportRefusal(RetryPolicy.Unauthorized refused, ReplicaSearch search) {
        HeardRefusal byClock = search.isTokenInDoubt() ? HeardRefusal.BY_EVERY_CLOCK : HeardRefusal.BY_CLOCK;
        observer.onRefusal(refused.sent(), retryPolicy.isByClock(refused) ? byClock : HeardRefusal.OTHER);
    }

    void reportDate(Upstream upstream, HttpResponse response, long sentAt) {
        upstream.dates().report(response, sentAt, address, observer, nanoTime);
    }

    /** The time until a token is usable, if that is known. */
    public Duration retryAfter() {
        return waitAdvisor().untilUsable().orElse(ProxyFault.DEFAULT_RETRY_AFTER);
    }
}
