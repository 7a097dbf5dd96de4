package io.tokenguardian.web;

import io.quarkus.vertx.http.ManagementInterface;
import io.tokenguardian.proxy.ProxyCounters;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code GET /q/drained} on the management listener responds once the proxy's callers have finished
 * ({@link LastCallers}). It is for the {@code preStop} hook of a classic sidecar, because kubelet ends all containers
 * of a pod at the same time. kubelet sends SIGTERM after the response, or when {@code terminationGracePeriodSeconds}
 * have passed (kuberuntime_container.go, executePreStopHook).
 */
@Singleton
final class DrainedRoute {
    private static final String PATH = "/q/drained";
    private static final long POLL_MILLIS = 250;

    /** kubelet sends only one, and each further request takes up a connection that kubelet's probes need. */
    static final int MAX_WAITING = 4;

    private final Vertx vertx;
    private final Provider<ProxyCounters> counters;
    private final AtomicInteger waiting = new AtomicInteger();

    DrainedRoute(Vertx vertx, Provider<ProxyCounters> counters) {
        this.vertx = vertx;
        this.counters = counters;
    }

    void register(@Observes ManagementInterface management) {
        management.router().get(PATH).handler(this::answerOnceDrained);
    }

    private void answerOnceDrained(RoutingContext context) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            context.response().setStatusCode(503).end("too many requests are already waiting\n");
            return;
        }
        ProxyCounters proxy = counters.get();
        LastCallers callers = new LastCallers(proxy.snapshot().requests(), System.nanoTime());
        long timer = vertx.setPeriodic(POLL_MILLIS, id -> {
            if (callers.checkFinished(
                    proxy.callerConnections(), proxy.snapshot().requests(), System.nanoTime())) {
                context.response().end("drained\n");
            }
        });
        context.addEndHandler(endedOrGone -> {
            vertx.cancelTimer(timer);
            waiting.decrementAndGet();
        });
    }
}
