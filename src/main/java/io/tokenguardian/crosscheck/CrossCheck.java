package io.tokenguardian.crosscheck;

import io.netty.channel.EventLoopGroup;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.Timeouts;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.crosscheck.AcceptanceMatrix.Cell;
import io.tokenguardian.crosscheck.AcceptanceMatrix.Row;
import io.tokenguardian.verdict.Finding;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Meets the replicas behind a kubeconfig's server, measures their clocks, has each issue a token, and asks each about
 * all of them. Changes nothing in the cluster; the tokens are kept nowhere.
 */
public final class CrossCheck {
    /** Enough to find where a second of each clock begins, and for one more reading, which halves the interval. */
    private static final Duration MEASURING = Duration.ofSeconds(2);

    private static final int MOST_CONNECTIONS = 64;

    private final String userAgent;
    private final EventLoopGroup eventLoops;
    private final Timeline timeline;
    private final Duration leeway;

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
         * @throws IllegalArgumentException one line that says which option is wrong, and what is allowed
         */
        public Request {
            if (connections < 1 || connections > MOST_CONNECTIONS) {
                throw new IllegalArgumentException(
                        "--connections " + connections + " is out of bounds; allowed is 1 to " + MOST_CONNECTIONS);
            }
            String label = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";
            if (!serviceAccount.matches(label + "/" + label)) {
                throw new IllegalArgumentException(
                        "--service-account " + serviceAccount + " is no service account; allowed is NAMESPACE/NAME");
            }
        }

        private String namespace() {
            return serviceAccount.substring(0, serviceAccount.indexOf('/'));
        }

        private String name() {
            return serviceAccount.substring(serviceAccount.indexOf('/') + 1);
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
        this.userAgent = userAgent;
        this.eventLoops = eventLoops;
        this.timeline = timeline;
        this.leeway = leeway;
    }

    /** Takes about two seconds. Blocks, and must not be called on an event loop. */
    public Result run(Request request) throws FailedException {
        ClusterAccess access =
                Kubeconfig.read(request.kubeconfig(), System.getenv()).access(request.context());
        List<Contact> withoutKey = contacts(access, null, request.connections());
        List<Contact> withKey =
                access.clientKey() == null ? List.of() : contacts(access, access.clientKey(), request.connections());
        List<Contact> contacts =
                Stream.concat(withoutKey.stream(), withKey.stream()).toList();
        ForkJoinPool threads = new ForkJoinPool(contacts.size());
        try {
            // First those without the client key, then those with it: so a balancer that goes round leads both
            // groups to each replica.
            meet(threads, withoutKey);
            meet(threads, withKey);
            Instant end = timeline.instant().plus(MEASURING);
            inParallel(threads, contacts, contact -> {
                contact.measure(end);
                return contact;
            });
            return report(request, access, contacts, matrix(threads, request, access, contacts));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException(Failure.SERVER, "the check was interrupted");
        } finally {
            contacts.forEach(contact -> contact.connection().close());
            threads.shutdownNow();
        }
    }

    private List<Contact> contacts(ClusterAccess access, @Nullable KeyManager clientKey, int count) {
        ApiServer server = new HttpsApiServer(
                access.address(), access.authority(), clientKey, userAgent, eventLoops, timeline, Timeouts.DEFAULT);
        List<Contact> contacts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            contacts.add(new Contact(server.open(), clientKey != null, timeline));
        }
        return contacts;
    }

    private static void meet(ForkJoinPool threads, List<Contact> contacts)
            throws FailedException, InterruptedException {
        inParallel(threads, contacts, contact -> {
            contact.meet();
            return contact;
        });
        if (!contacts.isEmpty() && contacts.stream().noneMatch(Contact::isMet)) {
            throw new FailedException(Failure.SERVER, contacts.get(0).failure());
        }
    }

    private AcceptanceMatrix matrix(ForkJoinPool threads, Request request, ClusterAccess access, List<Contact> contacts)
            throws FailedException, InterruptedException {
        boolean withClientKey = access.clientKey() != null;
        List<MetReplica> replicas = MetReplica.of(contacts, timeline.instant());
        List<ProbeOutcome> issued = inParallel(threads, replicas, replica -> {
            List<ProbeConnection> open = replica.open(withClientKey, 1);
            return open.isEmpty()
                    ? new ProbeOutcome.Unreachable(
                            withClientKey
                                    ? "no open connection with the client certificate leads to it"
                                    : "no connection to it is open any more")
                    : open.get(0)
                            .issueToken(access.bearer(), request.namespace(), request.name(), AcceptanceMatrix.LIFETIME)
                            .outcome();
        });
        rejectFailed(request, access, issued);
        List<List<Cell>> columns = inParallel(threads, replicas, replica -> column(replicas, issued, replica));
        List<Row> rows = new ArrayList<>();
        for (int row = 0; row < replicas.size(); row++) {
            int issuer = row;
            rows.add(new Row(
                    columns.stream().map(column -> column.get(issuer)).toList(),
                    predictedBecause(request, access, issued.get(row))));
        }
        return new AcceptanceMatrix(replicas, List.copyOf(rows), leeway, timeline.instant());
    }

    private List<Cell> column(List<MetReplica> replicas, List<ProbeOutcome> issued, MetReplica replica) {
        List<Cell> column = new ArrayList<>();
        for (int row = 0; row < replicas.size(); row++) {
            column.add(
                    issued.get(row) instanceof ProbeOutcome.Issued token
                            ? AcceptanceMatrix.ask(replica, token.token(), leeway)
                            : AcceptanceMatrix.predict(replicas.get(row), replica, leeway, timeline.instant()));
        }
        return column;
    }

    private static void rejectFailed(Request request, ClusterAccess access, List<ProbeOutcome> issued)
            throws FailedException {
        if (issued.stream().anyMatch(ProbeOutcome.NoServiceAccount.class::isInstance)) {
            throw new FailedException(
                    Failure.OPTION,
                    "there is no service account " + request.serviceAccount()
                            + "; allowed is --service-account with the NAMESPACE/NAME of one that exists");
        }
        if (issued.stream().allMatch(ProbeOutcome.Unauthorized.class::isInstance)) {
            throw new FailedException(
                    Failure.CREDENTIAL,
                    "the API server at " + access.address() + " refuses the credential of " + access.user()
                            + " (401 Unauthorized)");
        }
    }

    private static @Nullable String predictedBecause(Request request, ClusterAccess access, ProbeOutcome outcome) {
        if (outcome instanceof ProbeOutcome.Issued) {
            return null;
        } else if (outcome instanceof ProbeOutcome.Forbidden) {
            return access.user() + " may not create serviceaccounts/token in the namespace " + request.namespace()
                    + " (403)";
        } else if (outcome instanceof ProbeOutcome.Unauthorized) {
            return "it refuses the credential of " + access.user() + " (401)";
        } else if (outcome instanceof ProbeOutcome.Unavailable unavailable) {
            return unavailable.explanation();
        }
        return outcome instanceof ProbeOutcome.Unreachable unreachable ? unreachable.explanation() : "";
    }

    private Result report(Request request, ClusterAccess access, List<Contact> contacts, AcceptanceMatrix matrix) {
        return new Result(new CrossCheckReport(
                access.context(),
                access.address().hostAndPort(),
                request.serviceAccount(),
                (int) contacts.stream().filter(Contact::isMet).count(),
                contacts.stream()
                        .filter(each -> !each.isMet())
                        .map(Contact::failure)
                        .toList(),
                matrix,
                timeline.nodeClockShift()));
    }

    private static <T, R> List<R> inParallel(ForkJoinPool threads, List<T> items, Function<T, R> task)
            throws InterruptedException {
        List<R> results = new ArrayList<>();
        for (Future<R> each : threads.invokeAll(
                items.stream().map(item -> (Callable<R>) () -> task.apply(item)).toList())) {
            try {
                results.add(each.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        return results;
    }
}
