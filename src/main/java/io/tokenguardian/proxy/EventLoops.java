package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.proxy.caller.LoopCallers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The event loops of the proxy. Actions run on them, later. Once the event loops have ended, actions do nothing. */
@SuppressWarnings("FutureReturnValueIgnored") // a scheduled action ends with its event loop, or sooner
final class EventLoops {

    /** How long an event loop continues to run its remaining tasks during a shutdown. */
    private static final Duration LAST_TASKS = Duration.ofSeconds(1);

    private final EventLoopGroup group;
    private final LoopPings pings;
    private final Map<EventLoop, LoopCallers> callers = new HashMap<>();

    EventLoops(int threads, LongSupplier nanoTime, Function<EventLoop, LoopCallers> newCallers) {
        this.group = new NioEventLoopGroup(threads, new DefaultThreadFactory("proxy", true));
        this.pings = new LoopPings(group, nanoTime);
        group.forEach(each -> callers.put((EventLoop) each, newCallers.apply((EventLoop) each)));
    }

    EventLoopGroup group() {
        return group;
    }

    LoopCallers callersOf(Channel channel) {
        return Objects.requireNonNull(callers.get(channel.eventLoop()));
    }

    List<ThreadState> threads() {
        return pings.threads();
    }

    /** Makes waiting requests check again whether they still have to wait. */
    void recheckWaiting() {
        onEach(each -> each.state().pool().recheckWaiting());
    }

    void recheckWaitingIn(Duration delay) {
        unlessEnded(() -> group.next().schedule(this::recheckWaiting, delay.toNanos(), TimeUnit.NANOSECONDS));
    }

    void onEach(Consumer<LoopCallers> action) {
        unlessEnded(() -> callers.forEach((eventLoop, each) -> eventLoop.execute(() -> action.accept(each))));
    }

    private static void unlessEnded(Runnable submission) {
        try {
            submission.run();
        } catch (RejectedExecutionException e) {
            // the event loops have ended, so no request is waiting
        }
    }

    /** Ends the event loops after their remaining tasks. */
    void shutDown() {
        group.shutdownGracefully(0, LAST_TASKS.toMillis(), TimeUnit.MILLISECONDS);
    }
}
