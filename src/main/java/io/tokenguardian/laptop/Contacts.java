package io.tokenguardian.laptop;

import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.laptop.AcceptanceMatrix.Cell;
import io.tokenguardian.laptop.AcceptanceMatrix.IssuedToken;
import io.tokenguardian.laptop.AcceptanceMatrix.Row;
import io.tokenguardian.laptop.CrossCheck.FailedException;
import io.tokenguardian.laptop.CrossCheck.Failure;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The connections to all replicas of a cluster. All methods block, and must not be called on an event loop. */
final class Contacts implements AutoCloseable {
    /** Enough to find the start of a second on each clock, and for one more reading, which halves the interval. */
    private static final Duration MEASURING = Duration.ofSeconds(2);

    private final ClusterAccess access;
    private final Timeline timeline;
    private final List<Contact> withoutKey;
    private final List<Contact> withKey;
    private final List<Contact> all;
    private final Queue<HttpsProbeConnection> opened = new ConcurrentLinkedQueue<>();
    private final ForkJoinPool threads;
    private volatile boolean stopped;

    /** @param connections how many to open without the client certificate; as many again are opened with it */
    Contacts(
            ClusterAccess access,
            Timeline timeline,
            HttpsApiServer withoutKey,
            @Nullable HttpsApiServer withKey,
            int connections) {
        this.access = access;
        this.timeline = timeline;
        this.withoutKey = open(withoutKey, false, connections);
        this.withKey = withKey == null ? List.of() : open(withKey, true, connections);
        this.all =
                Stream.concat(this.withoutKey.stream(), this.withKey.stream()).toList();
        this.threads = new ForkJoinPool(all.size());
    }

    private List<Contact> open(HttpsApiServer server, boolean hasKey, int count) {
        List<Contact> contacts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            contacts.add(new Contact(open(server), hasKey, timeline));
        }
        return contacts;
    }

    /** Opens a connection that {@link #stop} closes too. */
    HttpsProbeConnection open(HttpsApiServer server) {
        HttpsProbeConnection connection = server.open();
        opened.add(connection);
        if (stopped) {
            connection.close();
        }
        return connection;
    }

    /** Closes all connections, which ends what still runs. May be called by any thread. */
    void stop() {
        stopped = true;
        opened.forEach(HttpsProbeConnection::close);
    }

    boolean isStopped() {
        return stopped;
    }

    /** First without the certificate, so that a round-robin load balancer spreads each group over all replicas. */
    void meet() throws FailedException, InterruptedException {
        meet(withoutKey);
        meet(withKey);
    }

    private void meet(List<Contact> contacts) throws FailedException, InterruptedException {
        inParallel(contacts, contact -> {
            contact.meet();
            return contact;
        });
        if (!contacts.isEmpty() && contacts.stream().noneMatch(Contact::isMet)) {
            throw new FailedException(Failure.SERVER, contacts.get(0).failure());
        }
    }

    void measure() throws InterruptedException {
        Instant end = timeline.instant().plus(MEASURING);
        inParallel(all, contact -> {
            contact.measure(end);
            return contact;
        });
    }

    List<Contact> all() {
        return all;
    }

    /** Reads from a replica that accepts the kubeconfig's credential; throws if none does. */
    ObjectReading read(String path) throws FailedException {
        ObjectReading reading = noConnection();
        for (Contact reader : readers()) {
            reading = ObjectReading.of(reader.connection(), access.bearer(), path, "");
            if (!(reading instanceof ObjectReading.Unauthorized || reading instanceof ObjectReading.Unknown)) {
                return reading;
            }
        }
        if (reading instanceof ObjectReading.Unauthorized) {
            throw refusedCredential();
        }
        return reading;
    }

    private List<Contact> readers() {
        return (withKey.isEmpty() ? withoutKey : withKey)
                .stream()
                        .filter(contact ->
                                contact.isMet() && contact.connection().isOpen())
                        .toList();
    }

    private ObjectReading noConnection() {
        return new ObjectReading.Unknown(
                "no connection to the API server at " + access.address() + " is open any more");
    }

    /**
     * Has each replica issue a token, and probes every replica with every token.
     *
     * @param request null if no tokens can be issued. The verdicts are then predicted from the clocks
     * @param lifetime the lifetime assumed in predictions
     */
    AcceptanceMatrix matrix(@Nullable TokenRequest request, Duration lifetime, Duration leeway)
            throws FailedException, InterruptedException {
        List<MetReplica> replicas = MetReplica.of(all, timeline.instant());
        List<TokenRequest.Response> issued = inParallel(replicas, replica -> issue(replica, request));
        if (request != null) {
            rejectFailed(request, issued);
        }
        List<List<Cell>> columns = inParallel(replicas, replica -> column(replicas, issued, replica, lifetime, leeway));
        List<Row> rows = new ArrayList<>();
        for (int row = 0; row < replicas.size(); row++) {
            int issuer = row;
            Token token = issued.get(row).token();
            rows.add(new Row(
                    replicas.get(row),
                    columns.stream().map(column -> column.get(issuer)).toList(),
                    predictedBecause(request, issued.get(row).reading()),
                    token == null ? null : IssuedToken.of(token)));
        }
        return new AcceptanceMatrix(replicas, List.copyOf(rows), leeway, timeline.instant());
    }

    private TokenRequest.Response issue(MetReplica replica, @Nullable TokenRequest request) {
        if (request == null) {
            return notSent("the service account is not known");
        }
        boolean withClientKey = access.clientKey() != null;
        List<HttpsProbeConnection> open = replica.open(withClientKey, 1);
        return open.isEmpty()
                ? notSent(
                        withClientKey
                                ? "no open connection with the client certificate goes to it"
                                : "no connection to it is open any more")
                : request.send(open.get(0), access.bearer());
    }

    private static TokenRequest.Response notSent(String explanation) {
        return new TokenRequest.Response(null, new ObjectReading.Unknown(explanation));
    }

    private List<Cell> column(
            List<MetReplica> replicas,
            List<TokenRequest.Response> issued,
            MetReplica replica,
            Duration lifetime,
            Duration leeway) {
        List<Cell> column = new ArrayList<>();
        for (int row = 0; row < replicas.size(); row++) {
            Token token = issued.get(row).token();
            column.add(
                    token == null
                            ? AcceptanceMatrix.predict(replicas.get(row), replica, lifetime, leeway, timeline.instant())
                            : AcceptanceMatrix.probe(replica, token, leeway));
        }
        return column;
    }

    private void rejectFailed(TokenRequest request, List<TokenRequest.Response> issued) throws FailedException {
        if (issued.stream().map(TokenRequest.Response::reading).anyMatch(ObjectReading.Missing.class::isInstance)) {
            throw new FailedException(
                    Failure.OPTION,
                    "--service-account " + request.namespace() + "/" + request.serviceAccount()
                            + " does not exist; allowed is the NAMESPACE/NAME of a service account that does");
        }
        if (issued.stream()
                .map(TokenRequest.Response::reading)
                .allMatch(ObjectReading.Unauthorized.class::isInstance)) {
            throw refusedCredential();
        }
    }

    private FailedException refusedCredential() {
        return new FailedException(
                Failure.CREDENTIAL,
                "the API server at " + access.address() + " refuses the credential of " + access.user()
                        + " (401 Unauthorized)");
    }

    private @Nullable String predictedBecause(@Nullable TokenRequest request, ObjectReading reading) {
        if (reading instanceof ObjectReading.Forbidden && request != null) {
            return access.mayNot("create serviceaccounts/token", request.namespace());
        } else if (reading instanceof ObjectReading.Unauthorized) {
            return "it refuses the credential of " + access.user() + " (401)";
        }
        return reading instanceof ObjectReading.Unknown unknown ? unknown.explanation() : null;
    }

    private <T, R> List<R> inParallel(List<T> items, Function<T, R> task) throws InterruptedException {
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

    @Override
    public void close() {
        opened.forEach(HttpsProbeConnection::close);
        threads.shutdownNow();
    }
}
