package io.tokenguardian.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.netty.channel.EventLoopGroup;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.Timeouts;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.config.Settings;
import io.tokenguardian.config.SettingsReader;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.GuardianLoop;
import io.tokenguardian.guardian.OneShotProbe;
import io.tokenguardian.guardian.ReadyFollows;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.laptop.CrossCheck;
import io.tokenguardian.listener.FileLimit;
import io.tokenguardian.pod.PodStatusWriter;
import io.tokenguardian.proxy.LocalProxy;
import io.tokenguardian.proxy.ProxyCapacity;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.StaleCallers;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.status.StatusLog;
import io.tokenguardian.status.StatusReport;
import io.tokenguardian.token.TokenFile;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.vetted.CaBundle;
import io.tokenguardian.vetted.VettedFiles;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Creates and connects the parts that live as long as the process. Each part is created when it is first needed: with
 * Quarkus, a method with a scope is a producer.
 */
@Singleton
final class Wiring {
    private static final Logger LOG = Logger.getLogger(Wiring.class);

    /** Two event loops are enough for a pod, no matter how many processors its node has. */
    private static final int PROXY_EVENT_LOOPS = 2;

    /** Ends {@code serve} if a setting is invalid, before an error about a port in use can hide that. */
    void checkSettings(@Observes Router beforeListening, Config config, Provider<Settings> settings) {
        if (Main.isServing()) {
            Settings.checkListeners(config);
            settings.get();
        }
    }

    /** Reads the settings when they are first needed. Some parts must not depend on {@link Settings}. */
    @Singleton
    Settings settings(Config config) {
        return SettingsReader.read(config);
    }

    @Singleton
    TokenTerms.AcceptancePolicy acceptancePolicy(Settings settings) {
        return new TokenTerms.AcceptancePolicy(settings.apiServer().leeway(), settings.confirmations());
    }

    @Singleton
    AcceptedBy acceptedBy(Settings settings) {
        return settings.acceptedBy();
    }

    @Singleton
    ReadyFollows readyFollows(Settings settings) {
        return settings.readyFollows();
    }

    @Singleton
    Timeline timeline() {
        return Timeline.system();
    }

    @Singleton
    TokenSource tokenSource() {
        return new TokenSource();
    }

    @Singleton
    CertificateAuthority certificateAuthority(Settings settings) {
        return new CertificateAuthority(settings.apiServer().ca());
    }

    @Singleton
    ApiServer apiServer(
            Settings settings,
            CertificateAuthority authority,
            Timeline timeline,
            Vertx vertx,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        return new HttpsApiServer(
                settings.apiServer().address(),
                authority,
                null,
                "token-guardian/" + version,
                eventLoops(vertx),
                timeline,
                Timeouts.DEFAULT);
    }

    @Singleton
    TokenFile tokenFile(Settings settings) {
        return new TokenFile(settings.tokenFile());
    }

    @Singleton
    StatusLog statusLog(Timeline timeline, Vertx vertx, Provider<GuardianLoop> loop) {
        return new StatusLog(
                timeline,
                after -> vertx.setTimer(after.toMillis(), timer -> loop.get().wake()));
    }

    @Singleton
    Guardian guardian(
            Settings settings,
            ApiServer apiServer,
            TokenTerms.AcceptancePolicy policy,
            Timeline timeline,
            TokenSource tokenSource,
            StatusLog statusLog) {
        Guardian guardian = settings.areOff()
                ? Guardian.off(timeline, tokenSource)
                : new Guardian(apiServer, policy, timeline, Wiring::random, tokenSource);
        if (Main.isServing()) { // AcceptanceWait logs for the other commands
            guardian.onChange(statusLog);
        }
        guardian.onTokenStatus(statusLog::acceptHeld);
        guardian.onTokenStatus(statusLog::acceptClocks);
        return guardian;
    }

    @Singleton
    GuardianLoop loop(Guardian guardian, Timeline timeline) {
        return new GuardianLoop(guardian, timeline, Wiring::random);
    }

    @Singleton
    TokenWatch tokenWatch(TokenFile file, CertificateAuthority authority, GuardianLoop loop) {
        return new TokenWatch(file, authority::refresh, loop::submit);
    }

    @Singleton
    LocalProxy proxy(
            Settings settings,
            TokenSource tokenSource,
            Guardian guardian,
            GuardianLoop loop,
            CertificateAuthority authority,
            Timeline timeline,
            StatusLog statusLog) {
        WaitAdvisor waitAdvisor = new WaitAdvisor(
                TokenTerms.YOUNG,
                timeline,
                (status, now) -> Explanation.of(status, now).sentence());
        waitAdvisor.accept(guardian.tokenStatus());
        guardian.onTokenStatus(waitAdvisor);
        LocalProxy proxy = new LocalProxy(
                settings.proxy(),
                tokenSource,
                waitAdvisor,
                loop::onAnswer,
                settings.apiServer().address(),
                authority,
                proxyCapacity(FileLimit.read()),
                PROXY_EVENT_LOOPS,
                timeline,
                System::nanoTime,
                Wiring::random);
        guardian.onTokenStatus(proxy.staleCallers());
        proxy.staleCallers().onReport(statusLog::acceptCaller);
        return proxy;
    }

    private static ProxyCapacity proxyCapacity(FileLimit fileLimit) {
        ProxyCapacity capacity = ProxyCapacity.within(fileLimit);
        if (!capacity.equals(ProxyCapacity.MOST)) {
            LOG.infof(
                    "The proxy accepts %d callers and opens %d connections to the API server at a time, because "
                            + "at most %d files may be open (ulimit -n)",
                    capacity.callers(), capacity.upstreams(), fileLimit.most());
        }
        return capacity;
    }

    @Singleton
    VettedFiles vettedFiles(
            Settings settings, Guardian guardian, CertificateAuthority authority, LocalProxy proxy, Timeline timeline) {
        CaBundle bundle = settings.proxy().inCluster() == null
                ? authority::pem
                : () -> proxy.inClusterCa().getBytes(US_ASCII);
        VettedFiles files = VettedFiles.of(
                settings.vetted(),
                settings.proxy().uri(),
                settings.tokenFile(),
                bundle,
                guardian::tokenStatus,
                timeline);
        // Each status wakes the writer, even if nothing has changed: a pending token may have to be withdrawn, and a
        // failed write is retried.
        guardian.onTokenStatus(tokenStatus -> files.wake());
        return files;
    }

    @Singleton
    ProxyCounters proxyCounters(LocalProxy proxy) {
        return proxy.counters();
    }

    @Singleton
    StaleCallers staleCallers(LocalProxy proxy) {
        return proxy.staleCallers();
    }

    @Singleton
    PodStatusWriter podStatusWriter(
            Settings settings, Timeline timeline, Guardian guardian, Provider<KubernetesClient> client) {
        PodStatusWriter writer = new PodStatusWriter(
                client::get, timeline, settings.acceptedBy(), settings.podCondition(), Wiring::random);
        guardian.onTokenStatus(writer);
        return writer;
    }

    private static double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    private static EventLoopGroup eventLoops(Vertx vertx) {
        return ((VertxInternal) vertx).getEventLoopGroup();
    }

    @Singleton
    OneShotProbe oneShotProbe(
            Settings settings, ApiServer apiServer, TokenTerms.AcceptancePolicy policy, Timeline timeline) {
        return new OneShotProbe(apiServer, policy, timeline);
    }

    @Singleton
    CrossCheck crossCheck(
            Config config,
            Timeline timeline,
            Vertx vertx,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        return new CrossCheck("token-guardian/" + version, eventLoops(vertx), timeline, SettingsReader.leeway(config));
    }

    @Singleton
    StatusReport statusReport(Settings settings, Timeline timeline, ProxyCounters proxy, StaleCallers staleCallers) {
        return new StatusReport(
                settings.tokenFile(),
                settings.apiServer().address().hostAndPort(),
                timeline,
                proxy::snapshot,
                staleCallers::callers);
    }
}
