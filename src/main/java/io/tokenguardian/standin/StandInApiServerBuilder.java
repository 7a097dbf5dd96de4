package io.tokenguardian.standin;

import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Configures a stand-in. By default, it has one replica, which uses the system clock, and it listens on free ports. If
 * it has several replicas, each connection to the service address goes to a random replica.
 */
public final class StandInApiServerBuilder {

    private int replicas = 1;
    private InstantSource clock = InstantSource.system();
    private Duration[] offsets = {};
    private ReplicaSelection selection = ReplicaSelection.atRandom();
    private boolean anonymous;
    private boolean sharedCertificate;
    private boolean records = true;
    private int port;
    private List<String> audience = List.of(StandInApiServer.ISSUER);

    StandInApiServerBuilder() {}

    public StandInApiServerBuilder replicas(int count) {
        this.replicas = count;
        return this;
    }

    /** Sets the base clock of every replica. */
    public StandInApiServerBuilder clock(InstantSource base) {
        this.clock = base;
        return this;
    }

    /** Sets the initial clock offsets of the replicas, in order. Adds replicas if the offsets outnumber them. */
    public StandInApiServerBuilder offsets(Duration... offsets) {
        this.offsets = offsets.clone();
        this.replicas = Math.max(replicas, offsets.length);
        return this;
    }

    public StandInApiServerBuilder selection(ReplicaSelection selection) {
        this.selection = selection;
        return this;
    }

    /** Sets whether requests without a credential may read the health checks and the version. Off by default. */
    public StandInApiServerBuilder anonymous(boolean allowed) {
        this.anonymous = allowed;
        return this;
    }

    /**
     * Sets whether all replicas present the same certificate, which then contains no node's name. By default, each
     * replica has its own certificate, which contains its node's name.
     */
    public StandInApiServerBuilder sharedCertificate(boolean shared) {
        this.sharedCertificate = shared;
        return this;
    }

    /** Sets whether requests are recorded. On by default; benchmarks turn it off. */
    public StandInApiServerBuilder records(boolean kept) {
        this.records = kept;
        return this;
    }

    /** Sets the port of the service address. By default, it is any free port. The replicas always use free ports. */
    public StandInApiServerBuilder port(int port) {
        this.port = port;
        return this;
    }

    /** Sets the server's own audiences. Tokens for other audiences are refused. */
    public StandInApiServerBuilder audience(String... audience) {
        this.audience = List.of(audience);
        return this;
    }

    /**
     * Starts the stand-in, which is ready when this method returns.
     *
     * @throws IOException if the port is taken; the message is a single line
     */
    public StandInApiServer start() throws IOException {
        ObjectStore objects = new ObjectStore(clock);
        Toggles toggles = new Toggles();
        toggles.anonymous = anonymous;
        Certificates authority = Certificates.create();
        Cluster cluster = new Cluster(
                toggles,
                objects,
                new TokenIssuer(objects),
                authority,
                new RequestLog(records),
                audience,
                new AtomicLong());
        NioEventLoopGroup loops = StandInApiServer.loops();
        List<Replica> started = new ArrayList<>();
        try {
            SslContext shared = sharedCertificate ? context(authority, Certificates.SERVING_NAMES) : null;
            for (int i = 0; i < replicas; i++) {
                SslContext own = shared == null ? context(authority, Certificates.namesOf(i)) : shared;
                started.add(replica(i, cluster, authority, own, loops));
            }
            return new StandInApiServer(cluster, authority, loops, started, selection, port);
        } catch (IOException e) {
            started.forEach(Replica::close);
            StandInApiServer.end(loops);
            throw e;
        }
    }

    private SslContext context(Certificates authority, List<String> names) {
        return ReplicaCertificates.context(authority.serving(names), authority);
    }

    private Replica replica(
            int index, Cluster cluster, Certificates authority, SslContext context, NioEventLoopGroup loops)
            throws IOException {
        ReplicaClock replicaClock = new ReplicaClock(clock);
        if (index < offsets.length) {
            replicaClock.offset(offsets[index]);
        }
        Authenticator authenticator = new Authenticator(replicaClock, cluster.objects(), cluster.audience());
        ReplicaCertificates identities = new ReplicaCertificates(authority, context);
        return new Replica(index, cluster, replicaClock, authenticator, identities, loops, 0);
    }
}
