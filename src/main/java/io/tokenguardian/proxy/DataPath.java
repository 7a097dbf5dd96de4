package io.tokenguardian.proxy;

import io.netty.util.AsciiString;
import io.tokenguardian.guardian.Escrow;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What all requests share, on every event loop.
 *
 * @param authority what goes into {@code Host}
 * @param rules what a request has to pass, in this order
 * @param replayBudget bytes of bodies that are kept for sending again
 * @param headBudget bytes of heads of requests that are under way
 * @param share bytes that each connection may have in each of its buffers
 * @param nanoTime the monotonic clock
 */
record DataPath(
        ProxySettings settings,
        Escrow escrow,
        AcceptanceForecast forecast,
        AsciiString authority,
        List<RequestRule> rules,
        RefusalJudge judge,
        HeldRequests held,
        ByteBudget replayBudget,
        ByteBudget headBudget,
        BufferShare share,
        ProxyCounters counters,
        ProxyLog log,
        BearerHeader bearer,
        LongSupplier nanoTime) {

    /** {@code Retry-After} for a request that found no accepted token. */
    Duration retryAfter() {
        return forecast.untilAcceptable().orElse(ProxyFault.DEFAULT_RETRY_AFTER);
    }
}
