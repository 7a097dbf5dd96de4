package io.tokenguardian.cli;

import io.quarkus.runtime.ShutdownEvent;
import io.tokenguardian.proxy.LocalProxy;
import io.tokenguardian.status.StatusReport;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Drains the proxy when the process ends for any reason, and logs how many requests the proxy has saved. After a
 * signal, Quarkus stops on a separate thread while the main thread continues: only this observer certainly runs before
 * the event loops end.
 */
@Singleton
final class ProxyDrain {
    /** How long the requests in progress may take to finish. This is well within kubelet's grace period of 30 s. */
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(10);

    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private final Provider<StatusReport> report;
    private volatile @Nullable LocalProxy proxy;

    ProxyDrain(Provider<StatusReport> report) {
        this.report = report;
    }

    /** Without this call, nothing is drained. */
    void setProxy(LocalProxy serving) {
        proxy = serving;
    }

    void drain(@Observes ShutdownEvent event) throws InterruptedException {
        LocalProxy serving = proxy;
        if (serving != null) {
            serving.drain(DRAIN_TIMEOUT);
            LOG.infof(
                    "saved=%d %s",
                    serving.counters().snapshot().saved().all(), report.get().receipt());
        }
    }
}
