package io.tokenguardian.fleet;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeOutcomes;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.apiserver.Timeouts;
import io.tokenguardian.proxy.upstream.UpstreamPools;
import io.tokenguardian.token.Token;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A probe connection of a guardian in a fleet. */
final class FleetProbe implements ProbeConnection, FleetNetwork.Client {
    /** As {@code Connector.PROBE_ATTEMPTS}. */
    private static final int ATTEMPTS = 9;

    private final Fleet fleet;
    private @Nullable FleetConnection connection;
    private boolean closed;
    private @Nullable Token token;
    private CompletableFuture<ProbeResult> result = new CompletableFuture<>();
    private Instant sentAt = Instant.MIN;

    FleetProbe(Fleet fleet) {
        this.fleet = fleet;
    }

    @Override
    public CompletableFuture<ProbeResult> probe(Token probed) {
        token = probed;
        result = new CompletableFuture<>();
        sentAt = fleet.time.now();
        if (closed) {
            fail();
        } else if (connection == null) {
            fleet.network.connect(ATTEMPTS, Timeouts.DEFAULT.connect(), this);
        } else {
            send(connection, probed);
        }
        return result;
    }

    @Override
    public void onConnected(FleetConnection made) {
        connection = made;
        made.onReset(this::onReset);
        if (closed || token == null) {
            made.close();
        } else {
            send(made, token);
        }
    }

    @Override
    public void onFailed(boolean silent) {
        onReset();
    }

    private void onReset() {
        closed = true;
        fail();
    }

    private void fail() {
        end(new ProbeOutcome.Unreachable("no connection"), null, null);
    }

    private void send(FleetConnection over, Token probed) {
        sentAt = fleet.time.now();
        fleet.proofs.count(sentAt);
        over.send(probed, reply -> {
            HttpHeaders headers = new DefaultHttpHeaders();
            if (reply.marked()) {
                headers.set("X-Kubernetes-Pf-Flowschema-Uid", "1f0a");
            }
            if (reply.status() == 429) {
                headers.set("Retry-After", "1");
            }
            ProbeOutcome outcome = ProbeOutcomes.of(UpstreamPools.ADDRESS, reply.status(), headers);
            end(outcome, over.replica.certificate, reply.date());
        });
    }

    private void end(ProbeOutcome outcome, @Nullable String certificate, @Nullable Instant date) {
        String address = UpstreamPools.ADDRESS.hostAndPort();
        result.complete(new ProbeResult(address, outcome, certificate, List.of(), sentAt, fleet.time.now(), date));
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
        if (connection != null) {
            connection.close();
        }
    }
}
