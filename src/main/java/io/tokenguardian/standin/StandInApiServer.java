package io.tokenguardian.standin;

import io.netty.channel.Channel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The stand-in API server. It has a service address, which distributes connections among the replicas as a Kubernetes
 * service does, and an address for each replica. Listens only on 127.0.0.1. Every method is thread-safe.
 */
public final class StandInApiServer implements AutoCloseable {

    /** The {@code iss} of the stand-in's tokens, which is also the stand-in's audience. */
    public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

    private final Cluster cluster;
    private final Certificates authority;
    private final NioEventLoopGroup loops;
    private final List<Replica> replicas;
    private final ReplicaListener serviceListener;
    private volatile ReplicaSelection selection;

    StandInApiServer(
            Cluster cluster,
            Certificates authority,
            NioEventLoopGroup loops,
            List<Replica> replicas,
            ReplicaSelection selection,
            int port)
            throws IOException {
        this.cluster = cluster;
        this.authority = authority;
        this.loops = loops;
        this.replicas = List.copyOf(replicas);
        this.selection = selection;
        this.serviceListener = new ReplicaListener(loops, port, this::assign);
    }

    public static StandInApiServerBuilder builder() {
        return new StandInApiServerBuilder();
    }

    /** The event loops of a stand-in. Their daemon threads don't keep the process alive. */
    static NioEventLoopGroup loops() {
        return new NioEventLoopGroup(2, new DefaultThreadFactory("stand-in", true));
    }

    static void end(NioEventLoopGroup loops) {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    private void assign(Channel channel) {
        replicas.get(selection.next(replicas.size())).accept(channel);
    }

    /** The service address, which forwards each connection to a replica. */
    public URI url() {
        return URI.create("https://127.0.0.1:" + port());
    }

    public int port() {
        return serviceListener.port();
    }

    public List<Replica> replicas() {
        return replicas;
    }

    public Replica replica(int index) {
        return replicas.get(index);
    }

    /** Sets how replicas are chosen, starting with the next connection. */
    public void selection(ReplicaSelection next) {
        selection = next;
    }

    /**
     * Closes the service address, so that new connections to it are refused. Open connections stay open, and no other
     * process can take the port.
     */
    public void stopAccepting() {
        serviceListener.stopAccepting();
    }

    /** The CA's certificate, as in {@code ca.crt}. */
    public String caPem() {
        return authority.pem();
    }

    /** A client certificate and its key, both in PEM format. */
    public record ClientCertificate(String certificate, String key) {}

    /** Signs a client certificate with {@code user} as its CN and {@code groups} as its O. */
    public ClientCertificate clientCertificate(String user, String... groups) {
        Certificates.Identity identity = client(user, groups);
        return new ClientCertificate(
                Certificates.pem("CERTIFICATE", identity.certificate()::getEncoded),
                Certificates.pem("PRIVATE KEY", identity.key()::getEncoded));
    }

    Certificates.Identity client(String user, String... groups) {
        return authority.client(user, List.of(groups));
    }

    /** Issues the token that kubelet would now get from replica 0, and returns its text. */
    public String issue() {
        return issue(0, TokenSpec.unextended());
    }

    /** Issues a token whose times come from the clock of replica 0. */
    public String issue(TokenSpec spec) {
        return issue(0, spec);
    }

    /** Issues a token whose times come from the clock of replica {@code index}. */
    public String issue(int index, TokenSpec spec) {
        return cluster.issuer().issue(spec, replica(index).clock().instant());
    }

    /** The objects of the cluster. Deleting a service account or a pod invalidates its tokens. */
    public ObjectStore objects() {
        return cluster.objects();
    }

    /** All requests that the replicas have executed. */
    public List<ExecutedRequest> executed() {
        return cluster.records().executed();
    }

    /** All requests to the replicas, with their outcomes. */
    public List<SeenRequest> requests() {
        return cluster.records().seen();
    }

    /** Clears all records. The counters keep their values. */
    public void clearRecords() {
        cluster.records().clear();
    }

    /** Produces {@code fault} on every replica until {@link #clearFaults()}. */
    public void fault(Fault fault) {
        replicas.forEach(replica -> replica.fault(fault));
    }

    public void clearFaults() {
        replicas.forEach(Replica::clearFaults);
    }

    /** Sets whether requests without a credential may read the health checks and the version. */
    public void anonymous(boolean allowed) {
        cluster.toggles().anonymous = allowed;
    }

    public void authorization(Authorization authorization) {
        cluster.toggles().authorization = authorization;
    }

    /** Sets the backend behind {@code /proxy/} subresources. */
    public void backend(Backend backend) {
        cluster.toggles().backend = backend;
    }

    /** Fills the namespace {@code big} with config maps until their list is about {@code bytes} bytes long. */
    public void fillBigList(int bytes) {
        String value = "x".repeat(900);
        for (int i = 0; i < bytes / 1200; i++) {
            var object = Json.object();
            object.withObject("/metadata").put("name", "big-" + i);
            object.withObject("/data").put("value", value + i);
            cluster.objects().create(ResourceType.CONFIG_MAPS, "big", object);
        }
    }

    /** Waits until the stand-in is closed. */
    void awaitEnd() {
        loops.terminationFuture().awaitUninterruptibly();
    }

    /** Returns a uid that depends only on the kind and the name. */
    static String uidOf(String kind, @Nullable String name) {
        return UUID.nameUUIDFromBytes((kind + "/" + name).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** Releases all ports, connections and threads. */
    @Override
    public void close() {
        serviceListener.close();
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
