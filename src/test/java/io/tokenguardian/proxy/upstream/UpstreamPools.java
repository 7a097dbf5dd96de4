package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.AsciiString;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.proxy.request.LoopState;
import io.tokenguardian.replica.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** Makes pools in simulated time. */
public final class UpstreamPools {

    /** The maximum number of connections of a pool. */
    static final int MAX_CONNECTIONS = 100;

    /** The maximum number of new connections per second while some replicas refuse the token. */
    static final int PER_SECOND = 20;

    public static final ApiServerAddress ADDRESS = new ApiServerAddress("127.0.0.1", 6443, "kubernetes");

    private UpstreamPools() {}

    /** Returns how long failures keep the next connection from being opened. */
    public static Duration pause(UpstreamContext context) {
        return Duration.ofNanos(context.failures().opensIn(context.nanoTime().getAsLong()));
    }

    /** Makes the context of a pool whose timeline begins at {@code begin}, at 0 ns. */
    public static UpstreamContext context(
            TokenSource source,
            Consumer<Answer> observer,
            Instant begin,
            LongSupplier nanoTime,
            DoubleSupplier chance) {
        InstantSource timeline = () -> begin.plusNanos(nanoTime.getAsLong());
        return new UpstreamContext(
                source,
                observer,
                ADDRESS,
                AsciiString.cached("kubernetes"),
                Duration.ofSeconds(60),
                false,
                new BufferShare(),
                timeline,
                nanoTime,
                chance,
                new ConnectionBudget(nanoTime.getAsLong()),
                new FailureRow(chance, nanoTime.getAsLong()));
    }

    /** Makes a context with the longest pauses. */
    static UpstreamContext context(
            TokenSource source, Consumer<Answer> observer, Instant begin, LongSupplier nanoTime) {
        return context(source, observer, begin, nanoTime, () -> 0);
    }

    static UpstreamContext context(LongSupplier nanoTime) {
        return context(new TokenSource(), answer -> {}, Instant.EPOCH, nanoTime);
    }

    public static LoopState stateOf(UpstreamPool pool) {
        return new LoopState(pool, MAX_CONNECTIONS);
    }

    /** Makes a pool that can't connect. A test supplies its connections. */
    public static UpstreamPool on(EventLoop eventLoop, LongSupplier nanoTime) {
        return on(eventLoop, context(nanoTime), new BrokenConnector());
    }

    public static UpstreamPool on(EventLoop eventLoop, UpstreamContext context, UpstreamConnector connector) {
        return new UpstreamPool(eventLoop, context, connector, MAX_CONNECTIONS, PER_SECOND);
    }

    /** A connector without a CA, which can't connect. */
    static class BrokenConnector extends UpstreamConnector {
        BrokenConnector() {
            super(
                    new ApiServerAddress("127.0.0.1", 6443, "127.0.0.1"),
                    new CertificateAuthority(Path.of("none")),
                    Duration.ofSeconds(10),
                    connected -> {});
        }
    }
}
