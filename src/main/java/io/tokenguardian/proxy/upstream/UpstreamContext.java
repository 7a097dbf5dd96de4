package io.tokenguardian.proxy.upstream;

import io.netty.util.AsciiString;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.replica.Answer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * The objects that the connections to the API server share, on every event loop.
 *
 * @param hostHeader the value of {@code Host} in requests to the API server
 * @param passThrough whether every token is sent without a proof, and every 401 is passed on
 * @param timeline the local timeline
 * @param nanoTime the monotonic clock
 * @param chance returns random numbers from 0 (inclusive) to 1 (exclusive), to any thread
 */
public record UpstreamContext(
        TokenSource tokens,
        Consumer<Answer> guardian,
        ApiServerAddress address,
        AsciiString hostHeader,
        Duration leeway,
        boolean passThrough,
        BufferShare share,
        InstantSource timeline,
        LongSupplier nanoTime,
        DoubleSupplier chance,
        ConnectionBudget budget,
        FailureRow failures) {}
