package io.tokenguardian.crosscheck;

import io.netty.channel.EventLoopGroup;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.Timeouts;
import io.tokenguardian.apiserver.TokenRequest;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.verdict.Finding;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Finds the replicas behind a kubeconfig's server, measures their clocks, has each issue a token, and probes every
 * replica with every token. Changes nothing in the cluster, and does not store the tokens.
 */
public final class CrossCheck {
    private static final int MOST_CONNECTIONS = 64;

    /** How long a pod's guardian may take to respond. It normally takes milliseconds, but port 9000 may be blocked. */
    private static final Duration GUARDIAN_LIMIT = Duration.ofSeconds(2);

    /** The name of a namespaced object, as defined in RFC 1123. */
    private static final String NAME = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";

    private static final String NAMESPACE = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    private final String userAgent;
    private final EventLoopGroup eventLoops;
    private final Timeline timeline;
    private final Duration leeway;
    private final Duration guardianLimit;

    /**
     * What to check.
     *
     * @param kubeconfig null for kubectl's default
     * @param context null for the current context
     * @param connections how many to open, 1 to 64. With a client certificate, as many again are opened with it
     * @param serviceAccount the account for which tokens are issued: {@code NAMESPACE/NAME}
     */
    public record Request(
            @Nullable Path kubeconfig, @Nullable String context, int connections, String serviceAccount) {
        /**
         * Checks the bounds.
         *
         * @throws IllegalArgumentException with a one-line message that names the invalid option and the allowed values
         */
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

    /**
     * Which pod to explain.
     *
     * @param kubeconfig null for kubectl's default
     * @param context null for the current context
     * @param connections how many to open, as in a {@link Request}
     * @param namespace null for the context's namespace
     */
    public record PodRequest(
            @Nullable Path kubeconfig,
            @Nullable String context,
            int connections,
            @Nullable String namespace,
            String pod) {
        /**
         * Checks the bounds.
         *
         * @throws IllegalArgumentException with a one-line message that names the invalid value and the allowed values
         */
        public PodRequest {
            checkConnections(connections);
            String fault = namespace == null ? null : faultOfNamespace(namespace);
            if (fault != null) {
                throw new IllegalArgumentException("--namespace " + fault);
            }
            if (!pod.matches(NAME)) {
                throw new IllegalArgumentException("POD " + pod
                        + " is not the name of a pod; allowed are lower-case letters, digits, hyphens and dots");
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

    /** The result of a check, as text, JSON and SVG. */
    public static final class Result {
        private final CrossCheckReport report;

        private Result(CrossCheckReport report) {
            this.report = report;
        }

        /** The worst finding in the matrix. */
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

    /** Why a check could not be carried out. */
    public enum Failure {
        /** The service account does not exist. */
        OPTION,
        KUBECONFIG,

        /** The API server refuses the kubeconfig's credential. */
        CREDENTIAL,
        SERVER
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

    /**
     * Prepares checks, but does not connect yet.
     *
     * @param eventLoops NIO event loops, which the caller closes
     * @param leeway the API server's leeway for a token's times
     */
    public CrossCheck(String userAgent, EventLoopGroup eventLoops, Timeline timeline, Duration leeway) {
        this(userAgent, eventLoops, timeline, leeway, GUARDIAN_LIMIT);
    }

    CrossCheck(
            String userAgent, EventLoopGroup eventLoops, Timeline timeline, Duration leeway, Duration guardianLimit) {
        this.userAgent = userAgent;
        this.eventLoops = eventLoops;
        this.timeline = timeline;
        this.leeway = leeway;
        this.guardianLimit = guardianLimit;
    }

    /** Runs a check. Takes about two seconds. Blocks, and must not be called on an event loop. */
    public Result run(Request request) throws FailedException {
        ClusterAccess access =
                Kubeconfig.read(request.kubeconfig(), System.getenv()).access(request.context());
        TokenRequest tokenRequest =
                new TokenRequest(request.namespace(), request.name(), AcceptanceMatrix.LIFETIME, null);
        return overContacts(access, request.connections(), contacts -> {
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
     * Finds why a pod's requests get 401. Takes about two seconds, and up to two more if the pod's guardian does not
     * respond. Blocks, and must not be called on an event loop.
     */
    public PodReport explain(PodRequest request) throws FailedException {
        ClusterAccess access =
                Kubeconfig.read(request.kubeconfig(), System.getenv()).access(request.context());
        ApiServer toGuardian = server(access, access.clientKey(), new Timeouts(guardianLimit, guardianLimit));
        return overContacts(
                access,
                request.connections(),
                contacts -> new PodLook(access, contacts, toGuardian, leeway, timeline).at(request));
    }

    /** Work that needs connections to the replicas. */
    private interface Work<T> {
        T with(Contacts contacts) throws FailedException, InterruptedException;
    }

    private <T> T overContacts(ClusterAccess access, int connections, Work<T> work) throws FailedException {
        ApiServer withKey = access.clientKey() == null ? null : server(access, access.clientKey(), Timeouts.DEFAULT);
        ApiServer withoutKey = server(access, null, Timeouts.DEFAULT);
        try (Contacts contacts = new Contacts(access, timeline, withoutKey, withKey, connections)) {
            contacts.meet();
            return work.with(contacts);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException(Failure.SERVER, "the check was interrupted");
        }
    }

    private ApiServer server(ClusterAccess access, @Nullable KeyManager clientKey, Timeouts timeouts) {
        return new HttpsApiServer(
                access.address(), access.authority(), clientKey, userAgent, eventLoops, timeline, timeouts);
    }
}
