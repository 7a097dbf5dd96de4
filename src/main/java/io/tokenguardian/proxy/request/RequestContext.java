package io.tokenguardian.proxy.request;

import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.UpstreamContext;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * The objects that all requests share, on every event loop.
 *
 * @param holdTimeout the maximum total time that a request waits for a usable token
 * @param replayLimit how many bytes of one body to keep for retries until the response's headers arrive
 * @param holdPlaces has a permit for each further request that may wait
 * @param replayBudget has a permit for each further byte of request bodies that may be kept for retries
 */
public record RequestContext(
        Duration holdTimeout,
        long replayLimit,
        UpstreamContext upstreams,
        WaitAdvisor waitAdvisor,
        Semaphore holdPlaces,
        Semaphore replayBudget,
        RequestCounters counters) {

    /** Far more than an app has in progress, and few enough to send together after the hold (32 to 65 ms of CPU). */
    public static final int MOST_HELD = 1024;

    /** In bytes: more than twice the API server's own limit for a body, which is the default {@code replay-limit}. */
    public static final int REPLAY_TOTAL = 8 << 20;

    public RequestContext withCounters(RequestCounters others) {
        return new RequestContext(holdTimeout, replayLimit, upstreams, waitAdvisor, holdPlaces, replayBudget, others);
    }

    /** The time until a token is usable, if that is known. */
    public Duration retryAfter() {
        return waitAdvisor().untilUsable().orElse(ProxyFault.DEFAULT_RETRY_AFTER);
    }
}
