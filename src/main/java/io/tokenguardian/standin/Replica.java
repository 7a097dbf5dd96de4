package io.tokenguardian.standin;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One server process of the stand-in, with its own clock, certificate, port and faults. */
public final class Replica {

    private final int index;
    private final Cluster cluster;
    private final ReplicaClock clock;
    private final Authenticator authenticator;
    private final AccessCheck accessCheck;
    private final List<Endpoint> endpoints;
    private final FaultPlan faults = new FaultPlan();
    private final HttpDate date = new HttpDate();
    private final Gzip gzip = new Gzip();
    private final AtomicLong requests = new AtomicLong();
    private final Connections connections;
    private final ReplicaListener listener;

    Replica(
            int index,
            Cluster cluster,
            ReplicaClock clock,
            Authenticator authenticator,
            ReplicaCertificates identities,
            EventLoopGroup loops,
            int port)
            throws IOException {
        this.index = index;
        this.cluster = cluster;
        this.clock = clock;
        this.authenticator = authenticator;
        this.accessCheck = new AccessCheck(cluster.toggles(), authenticator, cluster.authority());
        this.endpoints = List.of(
                new InfoEndpoint(),
                new ReviewEndpoint(cluster.toggles(), clock),
                new DiscoveryEndpoint(),
                new PodEndpoint(cluster.toggles(), cluster.objects()),
                new ObjectEndpoint(cluster.objects(), cluster.issuer(), clock));
        this.connections = new Connections(this, identities, cluster.connections());
        this.listener = new ReplicaListener(loops, port, connections::accept);
    }

    public int index() {
        return index;
    }

    /** The name of the replica's node. The certificate contains it, unless all replicas share one certificate. */
    public String nodeName() {
        return Certificates.nodeName(index);
    }

    /** This replica's own address, which bypasses the service address. */
    public URI url() {
        return URI.create("https://127.0.0.1:" + port());
    }

    public int port() {
        return listener.port();
    }

    public ReplicaClock clock() {
        return clock;
    }

    /** Produces {@code fault} on every connection or request until {@link #clearFaults()}. */
    public void fault(Fault fault) {
        faults.add(fault, Integer.MAX_VALUE, head -> true);
    }

    /** Produces {@code fault} on the next connections or requests, {@code times} in total. */
    public void fault(Fault fault, int times) {
        faults.add(fault, times, head -> true);
    }

    /** Produces {@code fault} on the next requests for which {@code applies} is true, {@code times} in total. */
    public void fault(Fault fault, int times, Predicate<ReceivedHead> applies) {
        faults.add(fault, times, applies);
    }

    public void clearFaults() {
        faults.clear();
    }

    /** All requests to this replica with their outcomes, in the order in which the outcomes became known. */
    public List<SeenRequest> requests() {
        return cluster.records().seen().stream()
                .filter(request -> request.head().replica() == index)
                .toList();
    }

    /** How many requests have arrived since the start, including those whose records have been cleared. */
    public long requestCount() {
        return requests.get();
    }

    /** How many connections have been accepted since the start. */
    public long connectionCount() {
        return connections.accepted();
    }

    /** How many connections are currently open. */
    public int openConnections() {
        return connections.open();
    }

    /**
     * Takes the replica down: closes its port and resets all connections, including new connections from the service
     * address.
     */
    public void down() {
        listener.stopAccepting();
        connections.refuse(true);
        connections.reset();
    }

    /**
     * Sets the issuers whose tokens the replica accepts, as {@code --service-account-issuer} does. A TokenRequest
     * returns a token from the first issuer.
     */
    public void serviceAccountIssuers(String... issuers) {
        authenticator.setIssuers(List.of(issuers));
    }

    /**
     * Sets the keys whose signatures the replica accepts, as {@code --service-account-key-file} does. A TokenRequest
     * returns a token signed with the first key.
     */
    public void serviceAccountKeys(TokenSpec.Signer... keys) {
        authenticator.setKeys(List.of(keys));
    }

    /**
     * Steps the clock as {@link ReplicaClock#offset} does, and empties the cache of accepted tokens. Every later
     * request is checked by the stepped clock. {@link ReplicaClock#offset} leaves the cache, which keeps a token for 10
     * s (docs/api-server.md, Authentication cache).
     */
    public void stepClock(Duration offset) {
        clock.offset(offset);
        authenticator.forget();
    }

    /** Closes all open connections gracefully, with {@code close_notify}. */
    public void closeConnections() {
        connections.close();
    }

    void accept(Channel channel) {
        connections.accept(channel);
    }

    AccessCheck accessCheck() {
        return accessCheck;
    }

    HttpDate date() {
        return date;
    }

    boolean keepsRecords() {
        return cluster.records().isRecording();
    }

    Fault.@Nullable OnConnection faultForConnection() {
        return faults.takeForConnection();
    }

    List<Fault.OnRequest> takeFaultsFor(ReceivedHead head) {
        requests.incrementAndGet();
        return faults.takeForRequest(head);
    }

    /** Records the request as executed, and executes it. */
    Response execute(ReceivedHead head, HttpHeaders headers, byte[] body, User user) {
        if (cluster.records().isRecording()) {
            cluster.records().add(new ExecutedRequest(head, user.name()));
        }
        ApiRequest request = new ApiRequest(head, headers, body, user, authenticator);
        try {
            for (Endpoint endpoint : endpoints) {
                Optional<Response> answer = endpoint.answer(request);
                if (answer.isPresent()) {
                    return answer.get() instanceof Response.Full full ? gzip.encode(full, headers) : answer.get();
                }
            }
            return ObjectEndpoint.nothingThere(head.path());
        } catch (StatusException e) {
            return e.toResponse();
        } catch (RuntimeException e) {
            return Response.text(500, "the stand-in failed: " + e + "\n");
        }
    }

    /**
     * Records the outcome of a request. Only the first outcome is recorded; later events on the connection don't change
     * it.
     */
    void record(InFlightRequest request, int status) {
        if (!request.recorded) {
            request.recorded = true;
            cluster.records().add(new SeenRequest(request.head, status, request.cause, clock.instant()));
        }
    }

    void close() {
        listener.close();
        connections.reset();
    }

    @Override
    public String toString() {
        return "replica " + index + ", " + nodeName() + ", at " + url() + ", clock offset " + clock.offset();
    }
}
