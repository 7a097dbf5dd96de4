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
 * Finds the replicas behind a kubeconfig's server, measures their clocks, has each issue a token, and probes each with
 * all of them. Changes nothing in the cluster; the tokens are kept nowhere.
 */
public final class CrossCheck {
    private static final int MOST_CONNECTIONS = 64;

    /** How long a pod's guardian may take to answer: it takes milliseconds, and port 9000 may be blocked. */
    private static final Duration GUARDIAN_LIMIT = Duration.ofSeconds(2);

    /** The name of an object in a namespace, as RFC 1123 has it. */
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
     * @param connections how many to open, 1 to 64; with a client certificate, as many again
     * @param serviceAccount whose tokens are issued: {@code NAMESPACE/NAME}
     */
    public record Request(
            @Nullable Path kubeconfig, @Nullable String context, int connections, String serviceAccount) {
        /**
         * Checks the bounds.
         *
         * @throws IllegalArgumentException one line: which option is wrong, and what is allowed
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
     * Which pod to look at.
     *
     * @param kubeconfig null for kubectl's default
     * @param context null for the current context
     * @param connections as of a {@link Request}
     * @param namespace null for the context's
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
         * @throws IllegalArgumentException one line: what is wrong, and what is allowed
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

    /** What is wrong with the name of a namespace, and what is allowed; null if nothing is. */
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

    /** The result of a check, in any of its forms. */
    public static final class Result {
        private final CrossCheckReport report;

        private Result(CrossCheckReport report) {
            this.report = report;
        }

        /** The gravest of all cells. */
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

        /** Whose clock is off by more than a limit, in a clause; empty if none is known to be. */
        public Function<Duration, Optional<String>> skewBeyond() {
            return new SkewSentence(report.matrix())::beyond;
        }
    }

    /** What is to blame for a check that can't be done. */
    public enum Failure {
        /** The service account does not exist. */
        OPTION,
        KUBECONFIG,

        /** The API server refuses the kubeconfig's credential. */
        CREDENTIAL,
        SERVER
    }

    /** Thrown if the check can't be done. The message is one line for a person. */
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
     * Does not connect yet.
     *
     * @param eventLoops NIO event loops, which the caller closes
     * @param leeway the API server's, on a token's times
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

    /** Takes about two seconds. Blocks, and must not be called on an event loop. */
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
     * Looks at a pod. Takes about two seconds, and two more if the pod's guardian does not answer. Blocks, and must not
     * be called on an event loop.
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

    /** What is done over connections to replicas. */
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
