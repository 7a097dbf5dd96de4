package io.tokenguardian.dev;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The stand-in cluster of dev mode. One of its three replicas is 120 s behind, and refuses the pod's token for the
 * first 60 s. That leaves time to open the page. URL and token path are those in the guardian's settings.
 */
@ApplicationScoped
@IfBuildProfile("dev")
public class DevCluster {

    private static final Logger LOG = Logger.getLogger(DevCluster.class);

    /** The last replica refuses the token until 120 s minus the leeway of 60 s have passed. */
    private static final Duration[] OFFSETS = {Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(-120)};

    private final URI url;
    private final Path tokenPath;
    private final String local;
    private final String proxy;
    private @Nullable StandInApiServer server;

    DevCluster(
            @ConfigProperty(name = "guardian.api-server.url") URI url,
            @ConfigProperty(name = "guardian.token.path") Path tokenPath,
            @ConfigProperty(name = "quarkus.http.port") int localPort,
            @ConfigProperty(name = "guardian.proxy.port", defaultValue = "8001") int proxyPort) {
        this.url = url;
        this.tokenPath = tokenPath;
        this.local = "http://127.0.0.1:" + localPort;
        this.proxy = "http://127.0.0.1:" + proxyPort;
    }

    /** Starts before everything that connects to an API server. */
    void start(@Observes @Priority(1) StartupEvent event) {
        try {
            StandInApiServer started = StandInApiServer.builder()
                    .offsets(OFFSETS)
                    .port(url.getPort())
                    .start();
            server = started;
            Path mount = tokenPath.toAbsolutePath().getParent();
            if (mount == null) {
                throw new IOException(tokenPath + " has no directory");
            }
            ProjectedVolume.create(mount, started.issue(), started.caPem(), "default");
            LOG.infof("Page %s/, status %s/status, proxy %s/", local, local, proxy);
            LOG.info("One replica refuses the token for the first 60 s. Press s to start this again.");
            LOG.infof("Stand-in API server at %s, token in %s", started.url(), mount);
            for (Replica replica : started.replicas()) {
                LOG.infof(
                        "  replica %s at %s, clock offset %s",
                        replica.nodeName(),
                        replica.url(),
                        seconds(replica.clock().offset()));
            }
        } catch (IOException e) {
            LOG.errorf("The stand-in cluster is not complete: %s", e.getMessage());
        }
    }

    void stop(@Observes ShutdownEvent event) {
        StandInApiServer running = server;
        if (running != null) {
            running.close();
            server = null;
        }
    }

    private static String seconds(Duration offset) {
        return String.format(Locale.ROOT, "%+.3f s", offset.toMillis() / 1000.0);
    }
}
