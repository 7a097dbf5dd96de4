package io.tokenguardian.cli;

import io.quarkus.runtime.Quarkus;
import io.tokenguardian.apiserver.ReplicaWatch;
import io.tokenguardian.gate.PodReporter;
import io.tokenguardian.guardian.FurtherTokens;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.GuardianLoop;
import io.tokenguardian.proxy.LocalProxy;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.vetted.VettedFiles;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code serve}: guards the token until the process is told to end. */
@Dependent
@Command(
        name = "serve",
        description = "Guards the token, proxies to the API server and answers health checks, until SIGTERM, SIGINT or"
                + " POST /quit (the default).",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class ServeCommand implements Callable<Integer> {
    private final Vertx vertx;
    private final Provider<TokenWatch> watch;
    private final Provider<Guardian> guardian;
    private final Provider<GuardianLoop> loop;
    private final Provider<FurtherTokens> further;
    private final Provider<LocalProxy> proxy;
    private final Provider<VettedFiles> vetted;
    private final Provider<PodReporter> reporter;
    private final Provider<ReplicaWatch> replicas;
    private final ProxyDrain drain;

    ServeCommand(
            Vertx vertx,
            Provider<TokenWatch> watch,
            Provider<Guardian> guardian,
            Provider<GuardianLoop> loop,
            Provider<FurtherTokens> further,
            Provider<LocalProxy> proxy,
            Provider<VettedFiles> vetted,
            Provider<PodReporter> reporter,
            Provider<ReplicaWatch> replicas,
            ProxyDrain drain) {
        this.vertx = vertx;
        this.watch = watch;
        this.guardian = guardian;
        this.loop = loop;
        this.further = further;
        this.proxy = proxy;
        this.vetted = vetted;
        this.reporter = reporter;
        this.replicas = replicas;
        this.drain = drain;
    }

    @Override
    @SuppressWarnings("try") // the watch of the replicas starts by itself, once a token is accepted
    public Integer call() {
        SignalExit.serving();
        try (TokenWatch watching = watch.get();
                GuardianLoop guarding = loop.get();
                FurtherTokens guardingFurther = further.get();
                VettedFiles writing = vetted.get();
                PodReporter reporting = reporter.get();
                ReplicaWatch watchingReplicas = replicas.get()) {
            guardian.get().onSituation(new StartPages(this::later));
            listen(proxy.get());
            writing.start();
            reporting.start();
            guarding.start();
            guardingFurther.start();
            watching.start();
            Quarkus.waitForExit();
        }
        return ExitCode.ACCEPTED;
    }

    private void later(Runnable task) {
        vertx.setTimer(StartPages.DELAY.toMillis(), id -> task.run());
    }

    private void listen(LocalProxy proxy) {
        drain.serving(proxy);
        try {
            proxy.start();
        } catch (IOException e) {
            throw new SettingException(
                    "guardian.proxy.host, guardian.proxy.port or guardian.proxy.unix-socket: " + e.getMessage());
        }
    }
}
