package io.tokenguardian.proxy.request;

import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.proxy.http.ByteBudget;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.UpstreamContext;
import java.time.Duration;

/**
 * The objects that all requests share, on every event loop.
 *
 * @param replayBudget how many bytes of request bodies may be kept for retries
 */
public record RequestContext(
        RequestSettings settings,
        UpstreamContext upstreams,
        WaitAdvisor waitAdvisor,
        HoldLimit holdLimit,
        ByteBudget replayBudget,
        RequestCounters counters) {

    /** In bytes: five times the default {@code replay-limit}. With a full heap, 3/4 of the manifests' memory limit. */
    public static final long REPLAY_TOTAL = 16 << 20;

    public RequestContext(
            RequestSettings settings, UpstreamContext upstreams, WaitAdvisor waitAdvisor, RequestCounters counters) {
        this(settings, upstreams, waitAdvisor, new HoldLimit(), new ByteBudget(REPLAY_TOTAL), counters);
    }

    public RequestContext withCounters(RequestCounters others) {
        return new RequestContext(settings, upstreams, waitAdvisor, holdLimit, replayBudget, others);
    }

    /** The time until a token is usable, if that is known. */
    public Duration retryAfter() {
        return waitAdvisor().untilUsable().orElse(ProxyFault.DEFAULT_RETRY_AFTER);
    }
}
