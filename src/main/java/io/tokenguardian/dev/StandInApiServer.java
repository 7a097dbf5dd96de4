package io.tokenguardian.dev;

import io.netty.channel.Channel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The stand-in API server: one address that deals connections to replicas, as a service does, and the replicas' own.
 * Listens on 127.0.0.1 alone. Every method is safe from any thread.
 */
public final class StandInApiServer implements AutoCloseable {

    /** {@code iss} of its tokens, and the audience it takes itself for. */
    public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

    private final Cluster cluster;
    private final Certificates authority;
    private final NioEventLoopGroup loops;
    private final List<Replica> replicas;
    private final ReplicaListener dealer;
    private volatile Dealing dealing;

    StandInApiServer(
            Cluster cluster,
            Certificates authority,
            NioEventLoopGroup loops,
            List<Replica> replicas,
            Dealing dealing,
            int port)
            throws IOException {
        this.cluster = cluster;
        this.authority = authority;
        this.loops = loops;
        this.replicas = List.copyOf(replicas);
        this.dealing = dealing;
        this.dealer = new ReplicaListener(loops, port, this::deal);
    }

    public static StandInApiServerBuilder builder() {
        return new StandInApiServerBuilder();
    }

    /** The event loops of a stand-in: its own, few, and no reason for the process to stay. */
    static NioEventLoopGroup loops() {
        return new NioEventLoopGroup(2, new DefaultThreadFactory("stand-in", true));
    }

    static void end(NioEventLoopGroup loops) {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    private void deal(Channel channel) {
        replicas.get(dealing.next(replicas.size())).accept(channel);
    }

    /** The address that deals each connection to a replica. */
    public URI url() {
        return URI.create("https://127.0.0.1:" + port());
    }

    public int port() {
        return dealer.port();
    }

    public List<Replica> replicas() {
        return replicas;
    }

    public Replica replica(int index) {
        return replicas.get(index);
    }

    /** From the next connection on. */
    public void dealing(Dealing next) {
        dealing = next;
    }

    /** Closes the dealing address, so that connecting to it is refused; connections that are open stay. */
    public void stopDealing() {
        dealer.close();
    }

    /** Opens the dealing address again. */
    public void resumeDealing() throws IOException {
        dealer.open();
    }

    /** The certificate authority, as {@code ca.crt} holds it. */
    public String caPem() {
        return authority.pem();
    }

    /** A token as kubelet would get it from replica 0 now. */
    public Token issue() {
        return issue(0, TokenRequest.projected());
    }

    /** A token from replica 0 now. */
    public Token issue(TokenRequest request) {
        return issue(0, request);
    }

    /** A token that replica {@code index} stamps by its own clock now. */
    public Token issue(int index, TokenRequest request) {
        return cluster.issuer().issue(request, replica(index).clock().instant());
    }

    /** The objects of the cluster. Deleting a service account or pod invalidates its tokens. */
    public ObjectStore objects() {
        return cluster.objects();
    }

    public PodLogs logs() {
        return cluster.logs();
    }

    /** Every request that was carried out, by whichever replica. */
    public List<ExecutedRequest> executed() {
        return cluster.records().executed();
    }

    /** Every request that came and what became of it, by whichever replica. */
    public List<SeenRequest> requests() {
        return cluster.records().seen();
    }

    /** Forgets what was recorded so far; counters go on. */
    public void clearRecords() {
        cluster.records().clear();
    }

    /** Shows {@code fault} on every replica, until {@link #clearFaults()}. */
    public void fault(Fault fault) {
        replicas.forEach(replica -> replica.fault(fault));
    }

    public void clearFaults() {
        replicas.forEach(Replica::clearFaults);
    }

    /** Whether requests without a credential are let in, to health and version. */
    public void anonymous(boolean allowed) {
        cluster.settings().anonymous = allowed;
    }

    public void age(ServerAge age) {
        cluster.settings().age = age;
    }

    public void authorization(Authorization authorization) {
        cluster.settings().authorization = authorization;
    }

    /** What answers behind {@code /proxy/} subresources. */
    public void backend(Backend backend) {
        cluster.settings().backend = backend;
    }

    /** How likely an HTTP/2 answer is followed by GOAWAY, 0 to 1. */
    public void goAwayChance(double chance) {
        cluster.settings().goAwayChance = chance;
    }

    /** Answers upgrades with {@code status} and a {@code Status} of that message, instead of 101. */
    public void refuseUpgrades(int status, String message) {
        cluster.settings().upgradeRefusal =
                Response.status(status, status == 403 ? "Forbidden" : "BadRequest", message);
    }

    public void acceptUpgrades() {
        cluster.settings().upgradeRefusal = null;
    }

    /** Fills namespace {@code big} with config maps, until their list takes about {@code bytes}. */
    public void fillBigList(int bytes) {
        String value = "x".repeat(900);
        for (int i = 0; i < bytes / 1200; i++) {
            var object = Json.object();
            object.withObject("/metadata").put("name", "big-" + i);
            object.withObject("/data").put("value", value + i);
            cluster.objects().create(ResourceType.CONFIG_MAPS, "big", object);
        }
    }

    /** Waits until all that the event loops had begun is done. */
    void waitForEventLoops() {
        loops.forEach(loop -> loop.submit(() -> {}).awaitUninterruptibly());
    }

    /** Waits until it is closed. */
    void awaitEnd() {
        loops.terminationFuture().awaitUninterruptibly();
    }

    /** A uid that is the same for the same name. */
    static String uidOf(String kind, @Nullable String name) {
        return UUID.nameUUIDFromBytes((kind + "/" + name).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** Frees ports, connections and threads. */
    @Override
    public void close() {
        dealer.close();
        replicas.forEach(Replica::close);
        end(loops);
    }

    @Override
    public String toString() {
        return replicas.stream()
                .map(Replica::toString)
                .collect(Collectors.joining("; ", "stand-in at " + url() + ": ", ""));
    }
}
