package io.tokenguardian.dev;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What a stand-in shall be like: one replica at the system's time, on free ports, unless told otherwise. */
public final class StandInApiServerBuilder {

    private int replicas = 1;
    private InstantSource clock = InstantSource.system();
    private Duration[] offsets = {};
    private Dealing dealing = Dealing.roundRobin();
    private boolean anonymous;
    private boolean http2 = true;
    private boolean sharedCertificate;
    private boolean records = true;
    private Duration successCache = Duration.ofSeconds(10);
    private int port;
    private List<String> audience = List.of(StandInApiServer.ISSUER);

    StandInApiServerBuilder() {}

    public StandInApiServerBuilder replicas(int count) {
        this.replicas = count;
        return this;
    }

    /** The base of every replica's clock. */
    public StandInApiServerBuilder clock(InstantSource base) {
        this.clock = base;
        return this;
    }

    /** The replicas' clock offsets at the start, in their order; there are at least as many replicas. */
    public StandInApiServerBuilder offsets(Duration... offsets) {
        this.offsets = offsets.clone();
        this.replicas = Math.max(replicas, offsets.length);
        return this;
    }

    public StandInApiServerBuilder dealing(Dealing dealing) {
        this.dealing = dealing;
        return this;
    }

    /** Whether requests without a credential are let in, to health and version; off by default. */
    public StandInApiServerBuilder anonymous(boolean allowed) {
        this.anonymous = allowed;
        return this;
    }

    /** Whether ALPN offers {@code h2}; on by default. */
    public StandInApiServerBuilder http2(boolean offered) {
        this.http2 = offered;
        return this;
    }

    /** Whether all replicas show one certificate; by default each has its own. */
    public StandInApiServerBuilder sharedCertificate(boolean shared) {
        this.sharedCertificate = shared;
        return this;
    }

    /** Whether requests are recorded; a benchmark turns that off. */
    public StandInApiServerBuilder records(boolean kept) {
        this.records = kept;
        return this;
    }

    /**
     * How long a replica remembers that it accepted a token: 10 s, as the real one (docs/api-server.md, Authentication
     * cache); zero for not at all.
     */
    public StandInApiServerBuilder successCache(Duration lifetime) {
        this.successCache = lifetime;
        return this;
    }

    /** Port of the dealing address; the replicas' own are always free ones. */
    public StandInApiServerBuilder port(int port) {
        this.port = port;
        return this;
    }

    /** What the server calls itself: tokens for others are refused. */
    public StandInApiServerBuilder audience(String... audience) {
        this.audience = List.of(audience);
        return this;
    }

    /**
     * Starts it; all is there when this returns.
     *
     * @throws IOException if the port is taken, with one line that says so
     */
    public StandInApiServer start() throws IOException {
        ObjectStore objects = new ObjectStore(clock);
        Settings settings = new Settings();
        settings.anonymous = anonymous;
        Cluster cluster = new Cluster(
                settings,
                objects,
                new TokenIssuer(objects),
                new PodLogs(),
                new Records(records),
                audience,
                new AtomicLong());
        Certificates authority = Certificates.create();
        NioEventLoopGroup loops = StandInApiServer.loops();
        List<Replica> started = new ArrayList<>();
        try {
            SslContext shared = context(authority);
            for (int i = 0; i < replicas; i++) {
                started.add(replica(
                        i, cluster, authority, i == 0 || sharedCertificate ? shared : context(authority), loops));
            }
            StandInApiServer server = new StandInApiServer(cluster, authority, loops, started, dealing, port);
            publish(server);
            return server;
        } catch (IOException e) {
            started.forEach(Replica::close);
            StandInApiServer.end(loops);
            throw e;
        }
    }

    private SslContext context(Certificates authority) {
        return Identities.context(authority.serving(Certificates.SERVING_NAMES), http2);
    }

    private Replica replica(
            int index, Cluster cluster, Certificates authority, SslContext context, NioEventLoopGroup loops)
            throws IOException {
        ReplicaClock replicaClock = new ReplicaClock(clock);
        if (index < offsets.length) {
            replicaClock.offset(offsets[index]);
        }
        Authenticator authenticator =
                new Authenticator(replicaClock, cluster.objects(), cluster.audience(), successCache);
        Identities identities = new Identities(authority, context, http2);
        return new Replica(index, cluster, replicaClock, authenticator, identities, loops, 0);
    }

    /** Slices of the service {@code default/kubernetes}: one a replica, since each has a port of its own. */
    private static void publish(StandInApiServer server) {
        for (Replica replica : server.replicas()) {
            ObjectNode slice = Json.object();
            slice.withObject("/metadata").put("name", "kubernetes-" + replica.index());
            slice.withObject("/metadata/labels").put("kubernetes.io/service-name", "kubernetes");
            slice.put("addressType", "IPv4");
            ObjectNode endpoint = slice.withArray("/endpoints").addObject();
            endpoint.withArray("/addresses").add("127.0.0.1");
            endpoint.withObject("/conditions").put("ready", true);
            slice.withArray("/ports")
                    .addObject()
                    .put("name", "https")
                    .put("port", replica.port())
                    .put("protocol", "TCP");
            server.objects().create(ResourceType.ENDPOINT_SLICES, "default", slice);
        }
    }
}
