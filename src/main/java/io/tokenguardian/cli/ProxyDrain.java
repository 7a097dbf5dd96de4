package io.tokenguardian.cli;

import io.quarkus.runtime.ShutdownEvent;
import io.tokenguardian.proxy.LocalProxy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The end of the proxy, whichever way the process ends. A signal has Quarkus stop on a thread of its own, while the main
 * thread still goes on: here is the one place that comes before the event loops end.
 */
@Singleton
final class ProxyDrain {
    /** What is under way at the end may take this long; well within kubelet's grace period of 30 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private volatile @Nullable LocalProxy serving;

    /** Says which proxy has to be drained at the end; none if this is never called. */
    void serving(LocalProxy proxy) {
        serving = proxy;
    }

    void drain(@Observes ShutdownEvent event) throws InterruptedException {
        LocalProxy proxy = serving;
        if (proxy != null) {
            proxy.drain(PATIENCE);
        }
    }
}
