package io.tokenguardian.cli;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.Version;
import io.tokenguardian.config.Settings;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.GuardianLoop;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.pod.PodStatusWriter;
import io.tokenguardian.process.Signals;
import io.tokenguardian.process.StartupMemory;
import io.tokenguardian.proxy.BoundListener;
import io.tokenguardian.proxy.LocalProxy;
import io.tokenguardian.status.StatusReport;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.vetted.VettedFiles;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

@Dependent
@Command(
        name = "serve",
        description = "Watches the token, runs the proxy to the API server and answers health checks until SIGTERM,"
                + " SIGINT or POST /quit. This is the default command.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footerHeading = "%nThe settings that matter most:%n",
        footer = {
            "  GUARDIAN_TOKEN_PATH            the file of the projected token",
            "  GUARDIAN_API_SERVER_URL        the API server, outside of a pod",
            "  GUARDIAN_READINESS_ACCEPTED_BY any: ready once one replica accepts the token",
            "  GUARDIAN_PROXY_PORT            the proxy's port (default: 8001)",
            "  GUARDIAN_PROXY_HOLD_TIMEOUT    how long requests wait (default: 3m)",
            "  GUARDIAN_IN_CLUSTER_PORT       a TLS listener for in-cluster clients",
            "  GUARDIAN_VETTED_DIRECTORY      files for an app that reads its token",
            "  QUARKUS_HTTP_PORT              page, status and /quit (default: 8002)",
            "  QUARKUS_MANAGEMENT_PORT        health checks and metrics (default: 9000)",
            "  GUARDIAN_DISABLED              true switches the guardian off",
            "\"token-guardian settings\" prints all of them, with their values here. Each is",
            "a variable or, before the command, a property.",
            "",
            "Example: token-guardian -Dguardian.token.path=/token serve"
        })
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /**
     * How long after the first verdict, and after the first acceptance, startup counts as complete. It includes the
     * guardian's turn for the {@code Date}s of the first responses, a second after them.
     */
    private static final Duration STARTUP_END_DELAY = Duration.ofMillis(1_500);

    /** How long the requests in progress may take to finish. This is well within kubelet's grace period of 30 s. */
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(10);

    private static final String OFF =
            "The guardian is off (guardian.disabled): the token in the file counts as accepted,"
                    + " nothing waits, and the proxy, if on, does not retry after a 401";

    private final Vertx vertx;
    private final Provider<Settings> settings;
    private final Provider<TokenWatch> watch;
    private final Provider<Guardian> guardian;
    private final Provider<GuardianLoop> loop;
    private final Provider<LocalProxy> proxy;
    private final Provider<VettedFiles> vetted;
    private final Provider<PodStatusWriter> reporter;
    private final Provider<StatusReport> report;

    /** At the last change; null before the first verdict. */
    private @Nullable TokenStatus lastChange;

    ServeCommand(
            Vertx vertx,
            Provider<Settings> settings,
            Provider<TokenWatch> watch,
            Provider<Guardian> guardian,
            Provider<GuardianLoop> loop,
            Provider<LocalProxy> proxy,
            Provider<VettedFiles> vetted,
            Provider<PodStatusWriter> reporter,
            Provider<StatusReport> report) {
        this.vertx = vertx;
        this.settings = settings;
        this.watch = watch;
        this.guardian = guardian;
        this.loop = loop;
        this.proxy = proxy;
        this.vetted = vetted;
        this.reporter = reporter;
        this.report = report;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            Signals.onEnd(() -> Quarkus.asyncExit(ExitCode.ACCEPTED)); // as POST /quit does
        }
        try (TokenWatch watching = watch.get();
                GuardianLoop guarding = loop.get();
                VettedFiles writing = vetted.get();
                PodStatusWriter reporting = reporter.get()) {
            if (settings.get().areOff()) {
                LOG.warn(OFF);
            }
            guardian.get().onChange(this::onChange);
            if (settings.get().proxy().isOn()) {
                listen(proxy.get());
            }
            writing.start();
            reporting.start();
            guarding.start();
            watching.start();
            Quarkus.waitForExit();
        }
        if (settings.get().proxy().isOn()) {
            drain(proxy.get());
        }
        return ExitCode.ACCEPTED;
    }

    private void onChange(TokenStatus tokenStatus) {
        TokenStatus before = lastChange;
        lastChange = tokenStatus;
        if (before == null || tokenStatus.usable().everAny() != before.usable().everAny()) {
            vertx.setTimer(STARTUP_END_DELAY.toMillis(), id -> StartupMemory.release());
        }
    }

    private void listen(LocalProxy proxy) {
        InetSocketAddress listen = settings.get().proxy().listen();
        if (listen != null && !listen.getAddress().isLoopbackAddress()) {
            LOG.warnf(
                    "guardian.proxy.host is %s: any program that reaches that address uses this pod's token; set"
                            + " 127.0.0.1 for this pod only",
                    listen.getAddress().getHostAddress());
        }
        try {
            List<BoundListener> bound = proxy.start();
            LOG.infof(
                    "The proxy listens on %s",
                    bound.stream().map(BoundListener::url).collect(Collectors.joining(", ")));
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage()); // only the root cause is printed
        }
    }

    /** Also logs how many requests the proxy has saved. */
    private void drain(LocalProxy proxy) throws InterruptedException {
        proxy.drain(DRAIN_TIMEOUT);
        LOG.infof(
                "saved=%d %s",
                proxy.counters().snapshot().saved().all(), report.get().receipt());
    }
}
