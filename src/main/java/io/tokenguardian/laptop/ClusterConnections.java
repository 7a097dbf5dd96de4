package io.tokenguardian.laptop;

import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixCell;
import io.tokenguardian.laptop.AcceptanceMatrix.MatrixRow;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.TokenTerms;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The connections to all replicas of a cluster. All methods block, and must not be called on an event loop. */
final class ClusterConnections implements AutoCloseable {
    /** Enough to find the start of a second on each clock, and for one more reading, which halves the interval. */
    private static final Duration MEASURING = Duration.ofSeconds(2);

    /** The maximum number of probes if each 401 is dated within the very second in which the token becomes valid. */
    private static final int MOST_CROSSINGS = 3;

    private static final int MOST_CONNECTIONS = 2;

    private static final int SERVER_ERROR = 500;

    private final ClusterAccess access;
    private final Timeline timeline;
    private final ForkJoinPool threads;
    private final List<MeasuredConnection> all;

    /** The connections with the kubeconfig's credential. If the first fails, it becomes the last. */
    private final Deque<HttpsProbeConnection> readers = new ArrayDeque<>();

    private volatile boolean stopped;

    /**
     * Connects, first without the client certificate, so that a round-robin load balancer spreads each group over all
     * replicas.
     *
     * @param withKey null if the kubeconfig has no client certificate
     * @param count how many to open without the client certificate; as many again are opened with it
     */
    ClusterConnections(
            ClusterAccess access,
            Timeline timeline,
            HttpsApiServer withoutKey,
            @Nullable HttpsApiServer withKey,
            int count)
            throws CheckFailedException {
        this.access = access;
        this.timeline = timeline;
        this.threads = new ForkJoinPool(2 * count);
        List<MeasuredConnection> judges = open(withoutKey, false, count);
        List<MeasuredConnection> withCertificate = withKey == null ? List.of() : open(withKey, true, count);
        this.all = Stream.concat(judges.stream(), withCertificate.stream()).toList();
        (withKey == null ? judges : withCertificate).forEach(each -> readers.add(each.connection()));
    }

    private List<MeasuredConnection> open(HttpsApiServer server, boolean withClientKey, int count)
            throws CheckFailedException {
        List<MeasuredConnection> opened = inParallel(
                Collections.nCopies(count, server),
                each -> new MeasuredConnection(each.open(), withClientKey, timeline));
        if (opened.stream().noneMatch(MeasuredConnection::isReached)) {
            throw new CheckFailedException(ExitCode.UNREACHABLE, opened.get(0).failure());
        }
        return opened;
    }

    /** Closes all connections, which ends what still runs. May be called by any thread. */
    void stop() {
        stopped = true;
        all.forEach(each -> each.connection().close());
    }

    boolean isStopped() {
        return stopped;
    }

    void measure() {
        Instant end = timeline.instant().plus(MEASURING);
        inParallel(all, connection -> {
            connection.measure(end);
            return connection;
        });
    }

    List<MeasuredConnection> all() {
        return all;
    }

    /** Reads an object over the connections in turn, until a replica accepts the kubeconfig's credential. */
    ApiReading<JsonObject> read(String path) {
        return read(path, readers.size());
    }

    ApiReading<JsonObject> read(String path, int most) {
        ApiReading<JsonObject> reading =
                ApiReading.unknown("no connection to the API server at " + access.address() + " is open any more");
        for (int i = 0; i < most; i++) {
            readers.removeIf(each -> !each.isOpen());
            if (readers.isEmpty()) {
                return reading;
            }
            reading = ApiReading.of(readers.element(), access.bearer(), path, "");
            if (reading.status() != 0 && reading.status() < SERVER_ERROR && !reading.isUnauthorized()) {
                return reading;
            }
            readers.addLast(readers.removeFirst());
        }
        return reading;
    }

    /**
     * Has each replica issue a token, and probes every replica with every token.
     *
     * @param request null if no tokens can be issued. The verdicts are then predicted from the clocks
     * @param lifetime the lifetime assumed in predictions
     */
    AcceptanceMatrix matrix(@Nullable TokenRequest request, Duration lifetime, Duration leeway)
            throws CheckFailedException {
        List<NamedReplica> replicas = replicas();
        List<ApiReading<Token>> issued = inParallel(replicas, replica -> issue(replica, request));
        if (request != null && issued.stream().anyMatch(ApiReading::isMissing)) {
            throw new CheckFailedException(
                    ExitCode.USAGE,
                    "--service-account " + request.namespace() + "/" + request.serviceAccount()
                            + " does not exist; allowed is the NAMESPACE/NAME of a service account that does");
        }
        if (issued.stream().allMatch(ApiReading::isUnauthorized)) {
            throw refusedCredential();
        }
        List<Integer> rows = IntStream.range(0, replicas.size()).boxed().toList();
        List<List<MatrixCell>> columns = inParallel(
                replicas,
                judge -> rows.stream()
                        .map(row -> {
                            Token token = issued.get(row).value();
                            return token == null
                                    ? AcceptanceMatrix.predict(
                                            replicas.get(row), judge, lifetime, leeway, timeline.instant())
                                    : probe(judge, token, leeway);
                        })
                        .toList());
        return new AcceptanceMatrix(
                replicas,
                rows.stream()
                        .map(row -> new MatrixRow(
                                replicas.get(row),
                                issued.get(row),
                                columns.stream().map(column -> column.get(row)).toList()))
                        .toList(),
                leeway,
                timeline.instant());
    }

    /**
     * Groups the connections by replica, and names the replicas. Two replicas have different certificates or
     * inconsistent clocks. Each has the narrowest clock of its connections. Sorted by name.
     */
    private List<NamedReplica> replicas() {
        Instant now = timeline.instant();
        Map<KnownReplica, List<MeasuredConnection>> groups = new LinkedHashMap<>();
        all.stream()
                .filter(MeasuredConnection::isReached)
                .sorted(Comparator.comparing(connection -> width(connection.seen(), now)))
                .forEach(connection -> {
                    KnownReplica seen = connection.seen();
                    KnownReplica same = groups.entrySet().stream()
                            .filter(group -> group.getValue().stream().allMatch(each -> isSame(each.seen(), seen, now)))
                            .findFirst()
                            .map(Map.Entry::getKey)
                            .orElse(seen);
                    groups.computeIfAbsent(same, each -> new ArrayList<>()).add(connection);
                });
        List<NamedReplica> named = NamedReplica.of(List.copyOf(groups.keySet()), now).stream()
                .sorted(Comparator.comparing(NamedReplica::name))
                .toList();
        named.forEach(replica -> groups.getOrDefault(replica.observedReplica(), List.of())
                .forEach(connection -> connection.setReplica(replica)));
        return named;
    }

    private static Duration width(KnownReplica replica, Instant now) {
        OffsetInterval offset = replica.aheadOfNode(now, Duration.ZERO);
        return offset == null ? Duration.ofDays(1) : offset.width();
    }

    private static boolean isSame(KnownReplica one, KnownReplica other, Instant now) {
        OffsetInterval offset = one.aheadOfNode(now, Duration.ZERO);
        OffsetInterval ofOther = other.aheadOfNode(now, Duration.ZERO);
        return Objects.equals(one.certificate(), other.certificate())
                && (offset == null || ofOther == null || offset.overlaps(ofOther));
    }

    /** @param withClientKey whether a client certificate is presented; without it, only the token is judged */
    private List<HttpsProbeConnection> open(NamedReplica replica, boolean withClientKey) {
        return all.stream()
                .filter(each -> replica.equals(each.replica()) && each.isWithClientKey() == withClientKey)
                .map(MeasuredConnection::connection)
                .filter(HttpsProbeConnection::isOpen)
                .toList();
    }

    private ApiReading<Token> issue(NamedReplica replica, @Nullable TokenRequest request) {
        if (request == null) {
            return ApiReading.unknown("the service account is not known");
        }
        List<HttpsProbeConnection> open = open(replica, access.clientKey() != null);
        return open.isEmpty()
                ? ApiReading.unknown("no connection to it with the kubeconfig's credential is open")
                : request.send(open.get(0), access.bearer());
    }

    /** If a connection yields no verdict, tries once more over another connection. */
    private MatrixCell probe(NamedReplica judge, Token token, Duration leeway) {
        MatrixCell cell = MatrixCell.unknown("no open connection without a client certificate goes to it");
        List<HttpsProbeConnection> open = open(judge, false);
        for (int i = 0; i < Math.min(open.size(), MOST_CONNECTIONS) && cell.finding() == Finding.UNREACHABLE; i++) {
            cell = probe(open.get(i), token, TokenTerms.of(token, new TokenTerms.AcceptancePolicy(leeway, 1)));
        }
        return cell;
    }

    private static MatrixCell probe(HttpsProbeConnection connection, Token token, TokenTerms terms) {
        for (int probes = 1; ; probes++) {
            ProbeResult result = connection.probe(token).join();
            Finding finding = terms.read(result);
            boolean crosses = finding == Finding.NOT_YET_VALID
                    && Objects.equals(result.date(), terms.window().from());
            if (!crosses || probes == MOST_CROSSINGS) {
                return new MatrixCell(finding, result.outcome().explanation());
            }
        }
    }

    CheckFailedException refusedCredential() {
        return new CheckFailedException(
                ExitCode.REFUSED,
                "the API server at " + access.address() + " refuses the credential of " + access.user()
                        + " (401 Unauthorized)");
    }

    private <T, R> List<R> inParallel(List<T> items, Function<T, R> task) {
        List<CompletableFuture<R>> running = items.stream()
                .map(item -> CompletableFuture.supplyAsync(() -> task.apply(item), threads))
                .toList();
        return running.stream().map(CompletableFuture::join).toList();
    }

    @Override
    public void close() {
        stop();
        threads.shutdown();
    }
}
