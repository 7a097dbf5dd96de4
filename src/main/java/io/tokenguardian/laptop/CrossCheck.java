package io.tokenguardian.laptop;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.Timeouts;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.verdict.Finding;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/** Checks from outside which replicas accept whose tokens. Changes nothing in the cluster, and stores no token. */
public final class CrossCheck {
    private static final int MOST_CONNECTIONS = 64;

    /** How long {@code explain} may take once it is connected, in case a replica does not respond. */
    private static final Duration EXPLAIN_LIMIT = Duration.ofSeconds(10);

    /** The name of a namespaced object, as defined in RFC 1123. */
    private static final String NAME = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";

    private static final String NAMESPACE = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    private final String userAgent;
    private final EventLoopGroup eventLoops;
    private final Timeline timeline;
    private final Duration leeway;
    private final Duration explainLimit;

    /**
     * What to check.
     *
     * @param kubeconfig null for kubectl's default
     * @param context null for the current context
     * @param connections 1 to 64; with a client certificate, as many again are opened with it
     */
    public record Request(
            @Nullable Path kubeconfig, @Nullable String context, int connections, String serviceAccount) {
        /** Throws an {@link IllegalArgumentException} with one line: what is wrong and what is allowed. */
        public Request {
            checkConnections(connections);
            if (!serviceAccount.matches(NAMESPACE + "/" + NAME)) {
                throw new IllegalArgumentException(
                        "--service-account " + serviceAccount + " is not a service account; allowed is NAMESPACE/NAME");
            }
        }

        private String namespace() {
            return serviceAccount.substring(0, serviceAccount.indexOf('/'));
        }

        private String name() {
            return serviceAccount.substring(serviceAccount.indexOf('/') + 1);
        }
    }

    /** As a {@link Request}; {@code namespace} is null for the context's. */
    public record PodRequest(
            @Nullable Path kubeconfig,
            @Nullable String context,
            int connections,
            @Nullable String namespace,
            String pod) {
        /** Throws as a {@link Request} does. */
        public PodRequest {
            checkConnections(connections);
            String fault = namespace == null ? null : faultOfNamespace(namespace);
            if (fault != null) {
                throw new IllegalArgumentException("--namespace " + fault);
            }
            if (!pod.matches(NAME)) {
                int slash = pod.indexOf('/');
                throw new IllegalArgumentException("POD " + pod + " is not the name of a pod; "
                        + (pod.matches(NAMESPACE + "/" + NAME)
                                ? "for a pod in the namespace " + pod.substring(0, slash) + ": -n "
                                        + pod.replace('/', ' ')
                                : "allowed are lower-case letters, digits, hyphens and dots"));
            }
        }
    }

    /** Returns what is wrong with the name of a namespace, and what is allowed; null if the name is valid. */
    static @Nullable String faultOfNamespace(String name) {
        return name.matches(NAMESPACE)
                ? null
                : name
                        + " is not the name of a namespace; allowed are lower-case letters, digits and hyphens, at most 63";
    }

    private static void checkConnections(int connections) {
        if (connections < 1 || connections > MOST_CONNECTIONS) {
            throw new IllegalArgumentException(
                    "--connections " + connections + " is out of bounds; allowed is 1 to " + MOST_CONNECTIONS);
        }
    }

    public static final class Result {
        private final CrossCheckReport report;

        private Result(CrossCheckReport report) {
            this.report = report;
        }

        public Finding finding() {
            return report.matrix().worst();
        }

        public String text() {
            return report.text();
        }

        public JsonObject json() {
            return report.json();
        }

        public String svg() {
            return report.svg();
        }

        /**
         * Returns a function from a limit to a clause, which names a replica whose clock is off by more than this
         * limit; the clause is empty if no clock is known to be off by more.
         */
        public Function<Duration, Optional<String>> skewBeyond() {
            return new SkewSentence(report.matrix())::beyond;
        }
    }

    public enum Failure {
        /** The service account does not exist. */
        OPTION(ExitCode.USAGE),
        KUBECONFIG(ExitCode.UNREADABLE),

        /** The API server refuses the kubeconfig's credential. */
        CREDENTIAL(ExitCode.REFUSED),
        SERVER(ExitCode.UNREACHABLE);

        private final int exitCode;

        Failure(int exitCode) {
            this.exitCode = exitCode;
        }

        int exitCode() {
            return exitCode;
        }
    }

    /** Thrown if the check can't be carried out. The message is one line for the user. */
    public static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final Failure failure;

        FailedException(Failure failure, String message) {
            super(message);
            this.failure = failure;
        }

        public Failure failure() {
            return failure;
        }
    }

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

    /** Runs a check. Takes about two seconds. Blocks, and must not be called on an event loop. */
    public Result run(Request request) throws FailedException {
        ClusterAccess access =
                Kubeconfig.read(request.kubeconfig(), System.getenv()).access(request.context());
        TokenRequest tokenRequest =
                new TokenRequest(request.namespace(), request.name(), AcceptanceMatrix.LIFETIME, null);
        return overContacts(access, request.connections(), Timeouts.DEFAULT, contacts -> {
            contacts.measure();
            AcceptanceMatrix matrix = contacts.matrix(tokenRequest, AcceptanceMatrix.LIFETIME, leeway);
            return new Result(CrossCheckReport.of(
                    access,
                    request.serviceAccount(),
                    "a ten-minute token",
                    contacts.all(),
                    matrix,
                    timeline.nodeClockShift()));
        });
    }

    /**
     * Finds why a pod's requests get 401. Takes about two seconds, up to two more if the pod's guardian does not
     * respond, and at most ten once it is connected. Blocks, and must not be called on an event loop.
     */
    public PodReport explain(PodRequest request) throws FailedException {
        ClusterAccess access =
                Kubeconfig.read(request.kubeconfig(), System.getenv()).access(request.context());
        // Port 9000 may be blocked. A guardian normally responds within milliseconds.
        Duration guardianLimit = explainLimit.dividedBy(5);
        HttpsApiServer toGuardian = server(access, access.clientKey(), new Timeouts(guardianLimit, guardianLimit));
        // A replica that does not respond must leave time for the others.
        Timeouts timeouts = new Timeouts(
                Timeouts.DEFAULT.connect(), explainLimit.multipliedBy(3).dividedBy(10));
        return overContacts(access, request.connections(), timeouts, contacts -> {
            Future<?> end = eventLoops.schedule(contacts::stop, explainLimit.toNanos(), TimeUnit.NANOSECONDS);
            try {
                return new PodLook(access, contacts, toGuardian, leeway, explainLimit, timeline).at(request);
            } finally {
                end.cancel(false);
            }
        });
    }

    private interface Work<T> {
        T with(Contacts contacts) throws FailedException, InterruptedException;
    }

    private <T> T overContacts(ClusterAccess access, int connections, Timeouts timeouts, Work<T> work)
            throws FailedException {
        HttpsApiServer withKey = access.clientKey() == null ? null : server(access, access.clientKey(), timeouts);
        HttpsApiServer withoutKey = server(access, null, timeouts);
        try (Contacts contacts = new Contacts(access, timeline, withoutKey, withKey, connections)) {
            contacts.meet();
            return work.with(contacts);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException(Failure.SERVER, "the check was interrupted");
        }
    }

    private HttpsApiServer server(ClusterAccess access, @Nullable KeyManager clientKey, Timeouts timeouts) {
        return new HttpsApiServer(
                access.address(), access.authority(), clientKey, userAgent, eventLoops, timeline, timeouts);
    }
}
