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
 * {@code GET /q/drained} of the management listener. The response comes once the proxy's callers have finished
 * ({@link LastCallers}), however long that takes. The request changes nothing. It is for the {@code preStop} of a
 * classic sidecar, because all containers of a pod are ended at once. kubelet sends SIGTERM when it has the response,
 * or when the pod's {@code terminationGracePeriodSeconds} are over (kuberuntime_container.go, executePreStopHook).
 */
@Singleton
final class DrainedRoute {
    private static final String PATH = "/q/drained";
    private static final long POLL_MILLIS = 250;

    /** kubelet sends a single request. Each further waiting caller takes a connection that kubelet's probes need. */
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
            context.response().setStatusCode(503).end("too many requests are waiting already\n");
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
