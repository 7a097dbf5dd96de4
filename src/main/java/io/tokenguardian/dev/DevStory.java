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
 * The story that dev mode tells: a pod's token is there, and one of three replicas, 120 s behind, refuses it for the
 * first 60 s: time enough to open the page. Runs where the settings of the guardian point to.
 */
@ApplicationScoped
@IfBuildProfile("dev")
public class DevStory {

    private static final Logger LOG = Logger.getLogger(DevStory.class);

    /** The last of these refuses the token until 120 s minus the leeway of 60 s have gone by. */
    private static final Duration[] OFFSETS = {Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(-120)};

    private final URI url;
    private final Path tokenPath;
    private final String local;
    private final String proxy;
    private @Nullable StandInApiServer server;

    DevStory(
            @ConfigProperty(name = "guardian.api-server.url") URI url,
            @ConfigProperty(name = "guardian.token.path") Path tokenPath,
            @ConfigProperty(name = "quarkus.http.port") int localPort,
            @ConfigProperty(name = "guardian.proxy.port", defaultValue = "8001") int proxyPort) {
        this.url = url;
        this.tokenPath = tokenPath;
        this.local = "http://127.0.0.1:" + localPort;
        this.proxy = "http://127.0.0.1:" + proxyPort;
    }

    /** Before everything that asks an API server. */
    void start(@Observes @Priority(1) StartupEvent event) {
        try {
            StandInApiServer started = StandInApiServer.builder()
                    .offsets(OFFSETS)
                    .dealing(Dealing.roundRobin())
                    .port(url.getPort())
                    .start();
            server = started;
            Path mount = tokenPath.toAbsolutePath().getParent();
            if (mount == null) {
                throw new IOException(tokenPath + " is in no directory");
            }
            ProjectedVolume.create(mount, started.issue().bearer(), started.caPem(), "default");
            LOG.infof("Page %s/, status %s/status, proxy %s/", local, local, proxy);
            LOG.info("For 60 s one replica refuses the token. s plays it again.");
            LOG.infof("Stand-in API server at %s, token in %s", started.url(), mount);
            for (Replica replica : started.replicas()) {
                LOG.infof(
                        "  replica %d at %s, clock offset %s",
                        replica.index(), replica.url(), seconds(replica.clock().offset()));
            }
        } catch (IOException e) {
            LOG.errorf("No stand-in API server: %s", e.getMessage());
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
