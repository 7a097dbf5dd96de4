package io.tokenguardian.laptop;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.Timeouts;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.command.ExitCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/** Checks from outside which replicas accept whose tokens. Changes nothing in the cluster, and stores no token. */
public final class CrossCheck {
    private static final int MOST_CONNECTIONS = 64;

    /** How long {@code explain} may take once it is connected, in case a replica does not respond. */
    private static final Duration EXPLAIN_LIMIT = Duration.ofSeconds(10);

    /** As in RFC 1123. */
    private static final String NAME = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";

    private static final String IN_A_NAME = "lower-case letters, digits, hyphens and dots";

    private final String userAgent;
    private final EventLoopGroup eventLoops;
    private final Timeline timeline;
    private final Duration leeway;
    private final Duration explainLimit;

    /**
     * The cluster to check.
     *
     * @param kubeconfig null for kubectl's default
     * @param context null for the current context
     * @param connections 1 to 64; with a client certificate, as many again are opened with it
     */
    public record ClusterTarget(
            @Nullable Path kubeconfig, @Nullable String context, int connections) {}

    /** Does not connect yet. The caller closes the NIO event loops. */
    public CrossCheck(String userAgent, EventLoopGroup eventLoops, Timeline timeline, Duration leeway) {
        this(userAgent, eventLoops, timeline, leeway, EXPLAIN_LIMIT);
    }

    CrossCheck(String userAgent, EventLoopGroup eventLoops, Timeline timeline, Duration leeway, Duration explainLimit) {
        this.userAgent = userAgent;
        this.eventLoops = eventLoops;
        this.timeline = timeline;
        this.leeway = leeway;
        this.explainLimit = explainLimit;
    }

    /**
     * Checks the tokens of {@code serviceAccount}, as {@code NAMESPACE/NAME}. Takes about two seconds. Blocks, and must
     * not be called on an event loop.
     */
    public CrossCheckReport check(ClusterTarget target, String serviceAccount) throws CheckFailedException {
        require(serviceAccount.matches(NAME + "/" + NAME), "--service-account " + serviceAccount, "NAMESPACE/NAME");
        String[] parts = serviceAccount.split("/", -1);
        ClusterAccess access = access(target);
        try (ClusterConnections connections = connect(target, access, Timeouts.DEFAULT)) {
            connections.measure();
            AcceptanceMatrix matrix = connections.matrix(
                    new TokenRequest(parts[0], parts[1], AcceptanceMatrix.LIFETIME, null),
                    AcceptanceMatrix.LIFETIME,
                    leeway);
            return new CrossCheckReport(
                    access, serviceAccount, "a ten-minute token", connections.all(), matrix, timeline.nodeClockShift());
        }
    }

    /**
     * Finds why a pod's requests get 401. Takes about two seconds, up to three more if the pod's guardian does not
     * respond, and at most ten once it is connected. Blocks, and must not be called on an event loop.
     *
     * @param namespace null for the context's
     */
    public ExplainReport explain(ClusterTarget target, @Nullable String namespace, String pod)
            throws CheckFailedException {
        require(pod.matches(NAME), "POD " + pod, IN_A_NAME);
        require(namespace == null || namespace.matches(NAME), "--namespace " + namespace, IN_A_NAME);
        ClusterAccess access = access(target);
        String within = namespace == null ? access.namespace() : namespace;
        require(within.matches(NAME), "the context's namespace " + within, IN_A_NAME);
        // A replica that does not respond must leave time for the others.
        Timeouts timeouts = new Timeouts(
                Timeouts.DEFAULT.connect(), explainLimit.multipliedBy(3).dividedBy(10));
        try (ClusterConnections connections = connect(target, access, timeouts)) {
            Future<?> end = eventLoops.schedule(connections::stop, explainLimit.toNanos(), TimeUnit.NANOSECONDS);
            try {
                return new PodEvidenceReader(access, connections, leeway, explainLimit, timeline).read(within, pod);
            } finally {
                end.cancel(false);
            }
        }
    }

    private static void require(boolean valid, String value, String allowed) throws CheckFailedException {
        if (!valid) {
            throw new CheckFailedException(ExitCode.USAGE, value + " is not valid; allowed is " + allowed);
        }
    }

    private static ClusterAccess access(ClusterTarget target) throws CheckFailedException {
        int connections = target.connections();
        require(
                connections >= 1 && connections <= MOST_CONNECTIONS,
                "--connections " + connections,
                "1 to " + MOST_CONNECTIONS);
        return UserKubeconfig.access(target.kubeconfig(), target.context(), System.getenv());
    }

    private ClusterConnections connect(ClusterTarget target, ClusterAccess access, Timeouts timeouts)
            throws CheckFailedException {
        KeyManager clientKey = access.clientKey();
        return new ClusterConnections(
                access,
                timeline,
                server(access, null, timeouts),
                clientKey == null ? null : server(access, clientKey, timeouts),
                target.connections());
    }

    private HttpsApiServer server(ClusterAccess access, @Nullable KeyManager clientKey, Timeouts timeouts) {
        return new HttpsApiServer(
                access.address(), access.authority(), clientKey, userAgent, eventLoops, timeline, timeouts);
    }
}
