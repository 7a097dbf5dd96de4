package io.tokenguardian.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.netty.channel.EventLoopGroup;
import io.prometheus.client.CollectorRegistry;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.CertificateAuthorityException;
import io.tokenguardian.apiserver.DiscoveringApiServer;
import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.ReplicaWatch;
import io.tokenguardian.apiserver.Timeouts;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.gate.PodReporter;
import io.tokenguardian.guardian.Escrow;
import io.tokenguardian.guardian.FurtherTokens;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.GuardianLoop;
import io.tokenguardian.guardian.Outlook;
import io.tokenguardian.guardian.Story;
import io.tokenguardian.guardian.Survey;
import io.tokenguardian.listener.OpenFiles;
import io.tokenguardian.proxy.LocalProxy;
import io.tokenguardian.proxy.ProxyCapacity;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.report.PageReport;
import io.tokenguardian.report.StatusReport;
import io.tokenguardian.token.TokenFile;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.verdict.Terms;
import io.tokenguardian.vetted.VettedFiles;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Which part gets which: everything that lives as long as the process, made when it is first asked for. */
@Singleton
final class Assembly {
    private static final Logger LOG = Logger.getLogger(Assembly.class);

    /** Two suffice for a pod, however many processors its node has. */
    private static final int PROXY_EVENT_LOOPS = 2;

    @Produces
    @Singleton
    Settings settings(Config config) {
        return SettingsReader.read(config);
    }

    @Produces
    @Singleton
    Timeline timeline() {
        return Timeline.system();
    }

    @Produces
    @Singleton
    Escrow escrow() {
        return new Escrow();
    }

    @Produces
    @Singleton
    Terms.Rules rules(Settings settings) {
        return new Terms.Rules(
                settings.apiServer().leeway(),
                settings.readiness().confirmations(),
                settings.retry().youngToken());
    }

    @Produces
    @Singleton
    CertificateAuthority certificateAuthority(Settings settings) {
        return new CertificateAuthority(settings.apiServer().ca());
    }

    @Produces
    @Singleton
    ApiServer apiServer(
            Settings settings,
            CertificateAuthority authority,
            Timeline timeline,
            Vertx vertx,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        ApiServer service = httpsApiServer(settings.apiServer().address(), authority, version, vertx, timeline);
        return settings.apiServer().discoverReplicas()
                ? new DiscoveringApiServer(
                        service, address -> httpsApiServer(address, authority, version, vertx, timeline), timeline)
                : service;
    }

    private static ApiServer httpsApiServer(
            ApiServerAddress address, CertificateAuthority authority, String version, Vertx vertx, Timeline timeline) {
        return new HttpsApiServer(
                address, authority, "token-guardian/" + version, eventLoops(vertx), timeline, Timeouts.DEFAULT);
    }

    /** Asked for by whoever serves; it is started only where replicas are to be discovered. */
    @Produces
    @Singleton
    ReplicaWatch replicaWatch(
            ApiServer apiServer, Guardian guardian, GuardianLoop loop, Provider<KubernetesClient> client) {
        if (!(apiServer instanceof DiscoveringApiServer discovering)) {
            return new ReplicaWatch(client::get, () -> false, () -> {}, () -> 0);
        }
        Runnable listAgain = () -> {
            discovering.outdated();
            guardian.askSoon();
            loop.wake();
        };
        ReplicaWatch watch = new ReplicaWatch(client::get, discovering::isListed, listAgain, Assembly::chance);
        guardian.onSituation(situation -> {
            if (situation.isAccepted()) {
                watch.start();
            }
        });
        discovering.onListed(watch::onListed);
        return watch;
    }

    @Produces
    @Singleton
    TokenFile tokenFile(Settings settings) {
        return new TokenFile(settings.token().path());
    }

    @Produces
    @Singleton
    Story story(Timeline timeline) {
        return new Story(timeline);
    }

    @Produces
    @Singleton
    Guardian guardian(ApiServer apiServer, Terms.Rules rules, Timeline timeline, Escrow escrow, Story story) {
        Guardian guardian = new Guardian(apiServer, rules, timeline, Assembly::chance, escrow);
        guardian.onSituation(story);
        return guardian;
    }

    @Produces
    @Singleton
    GuardianLoop loop(Guardian guardian, Timeline timeline) {
        return new GuardianLoop(guardian, timeline);
    }

    @Produces
    @Singleton
    TokenWatch tokenWatch(Settings settings, TokenFile file, Guardian guardian, GuardianLoop loop) {
        return new TokenWatch(file, settings.token().pollInterval(), reading -> {
            guardian.read(reading);
            loop.wake();
        });
    }

    @Produces
    @Singleton
    LocalProxy proxy(
            Settings settings, Escrow escrow, Guardian guardian, CertificateAuthority authority, Timeline timeline) {
        Outlook outlook = new Outlook(settings.retry().youngToken(), timeline);
        outlook.accept(guardian.situation());
        guardian.onSituation(outlook);
        return new LocalProxy(
                settings.proxy(),
                escrow,
                outlook,
                settings.apiServer().address(),
                authority,
                proxyCapacity(OpenFiles.ofThisProcess()),
                PROXY_EVENT_LOOPS,
                System::nanoTime);
    }

    private static ProxyCapacity proxyCapacity(OpenFiles files) {
        ProxyCapacity capacity = ProxyCapacity.within(files);
        if (!capacity.equals(ProxyCapacity.MOST)) {
            LOG.infof(
                    "The proxy takes %d callers and opens %d connections to the API server at a time, since %d files may be "
                            + "open (ulimit -n)",
                    capacity.callers(), capacity.upstreams(), files.most());
        }
        return capacity;
    }

    @Produces
    @Singleton
    FurtherTokens furtherTokens(
            Settings settings, Guardian guardian, ApiServer apiServer, Terms.Rules rules, Timeline timeline) {
        return new FurtherTokens(
                settings.furtherTokens(),
                guardian,
                apiServer,
                rules,
                timeline,
                Assembly::chance,
                settings.token().pollInterval());
    }

    @Produces
    @Singleton
    VettedFiles vettedFiles(
            Settings settings, Guardian guardian, FurtherTokens further, CertificateAuthority authority) {
        VettedFiles files = VettedFiles.of(
                settings.vetted(),
                settings.proxy().uri(),
                settings.token().path(),
                () -> pem(authority),
                guardian::situation,
                further::situation,
                settings.token().pollInterval());
        guardian.onSituation(situation -> files.wake());
        further.onSituation(situation -> files.wake());
        return files;
    }

    private static byte[] pem(CertificateAuthority authority) throws IOException {
        try {
            return authority.pem();
        } catch (CertificateAuthorityException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Produces
    @Singleton
    ProxyCounters proxyCounters(LocalProxy proxy) {
        return proxy.counters();
    }

    @Produces
    @Singleton
    PodReporter podReporter(
            Settings settings, Timeline timeline, Guardian guardian, Provider<KubernetesClient> client) {
        Settings.Kubernetes kubernetes = settings.kubernetes();
        PodReporter reporter = new PodReporter(
                client::get, timeline, kubernetes.podCondition(), kubernetes.events(), Assembly::chance);
        guardian.onSituation(reporter);
        return reporter;
    }

    /** One for all: Quarkus's own would be a new one for each who asks, and what is served would have nothing in it. */
    @Produces
    @Singleton
    CollectorRegistry collectorRegistry() {
        return new CollectorRegistry(true);
    }

    private static double chance() {
        return ThreadLocalRandom.current().nextDouble();
    }

    private static EventLoopGroup eventLoops(Vertx vertx) {
        return ((VertxInternal) vertx).getEventLoopGroup();
    }

    @Produces
    @Singleton
    Survey survey(ApiServer apiServer, Terms.Rules rules, Timeline timeline) {
        return new Survey(apiServer, rules, timeline);
    }

    @Produces
    @Singleton
    StatusReport statusReport(Settings settings, Timeline timeline, ProxyCounters proxy) {
        return new StatusReport(settings.token().path(), settings.apiServer().leeway(), timeline, proxy::snapshot);
    }

    @Produces
    @Singleton
    PageReport pageReport(Settings settings, StatusReport status, Timeline timeline, Story story, ProxyCounters proxy) {
        return new PageReport(status, settings.apiServer().leeway(), timeline, story, proxy);
    }
}
