package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.util.List;
import java.util.concurrent.CompletableFuture;

public abstract class ForwardingProbeConnection implements ProbeConnection {
    private final ProbeConnection probeConnection;

    protected ForwardingProbeConnection(ProbeConnection probeConnection) {
        this.probeConnection = probeConnection;
    }

    @Override
    public CompletableFuture<ProbeResult> probe(Token token) {
        return probeConnection.probe(token);
    }

    @Override
    public CompletableFuture<ReplicaList> listReplicas(Token token) {
        return probeConnection.listReplicas(token);
    }

    @Override
    public CompletableFuture<ProbeResult> reviewToken(Token bearer, Token reviewed, List<String> audiences) {
        return probeConnection.reviewToken(bearer, reviewed, audiences);
    }

    @Override
    public String address() {
        return probeConnection.address();
    }

    @Override
    public boolean hasAccepted() {
        return probeConnection.hasAccepted();
    }

    @Override
    public void reportSilence() {
        probeConnection.reportSilence();
    }

    @Override
    public boolean isOpen() {
        return probeConnection.isOpen();
    }

    @Override
    public void close() {
        probeConnection.close();
    }
}
