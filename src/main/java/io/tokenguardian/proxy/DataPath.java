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
        ReplayBudget replayBudget,
        ProxyCounters counters,
        BearerHeader bearer,
        LongSupplier nanoTime) {

    /** {@code Retry-After} for a request that found no accepted token. */
    Duration retryAfter() {
        return forecast.untilAcceptable().orElse(ProxyFault.DEFAULT_RETRY_AFTER);
    }
}
