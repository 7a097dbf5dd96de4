package io.tokenguardian.fleet;

import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.ReadyFollows;
import io.tokenguardian.guardian.SimulatedLoop;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.TokenTerms;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A pod: its guardian, its proxy if it has traffic, and its gate. */
final class FleetPod {
    private static final TokenTerms.AcceptancePolicy POLICY = new TokenTerms.AcceptancePolicy(FleetReplica.LEEWAY, 3);

    /** Older tokens are no longer sent. */
    private static final int MOST_TOKENS = 8;

    /** A number that distributes traffic and tokens that end soon over the pods of each node. */
    final int kind;

    private final Fleet fleet;
    private final Guardian guardian;
    private final SimulatedLoop loop;
    private final @Nullable FleetProxy proxy;
    private final Deque<Token> tokens = new ArrayDeque<>();
    private Instant firstRead = Instant.MAX;
    private boolean started;

    FleetPod(int kind, Fleet fleet, SplittableRandom random) {
        this.kind = kind;
        this.fleet = fleet;
        boolean hasTraffic = kind % fleet.size.oneInHasTraffic() == 0;
        TokenSource source = new TokenSource();
        this.guardian = new Guardian(() -> new FleetProbe(fleet), POLICY, fleet.timeline, random::nextDouble, source);
        this.loop = new SimulatedLoop(guardian, fleet.time, random::nextDouble);
        this.proxy = hasTraffic ? new FleetProxy(fleet, this, source, loop::onAnswer, random::nextDouble) : null;
        if (proxy != null) {
            guardian.onTokenStatus(proxy.advisor());
        }
        guardian.onTokenStatus(status -> update());
    }

    /** Called when kubelet has written a token. */
    void read(Token token) {
        tokens.addFirst(token);
        if (tokens.size() > MOST_TOKENS) {
            tokens.removeLast();
        }
        if (firstRead.equals(Instant.MAX)) {
            firstRead = fleet.time.now();
        }
        loop.submit(new TokenReading.Present(token, fleet.time.now()));
    }

    int replicasShown() {
        return guardian.tokenStatus().replicas().size();
    }

    /** Returns the token in the headers of a request. */
    Token tokenIn(String head) {
        return tokens.stream()
                .filter(each -> head.contains(each.bearer()))
                .findFirst()
                .orElseThrow();
    }

    /** Called after each turn, and when a request ends or takes long. */
    void update() {
        TokenStatus status = guardian.tokenStatus();
        if (!started && AcceptedBy.EVERY.wasMet(status)) {
            started = true;
            fleet.gateOpened(this, tokens.getFirst(), firstRead);
            if (proxy != null) {
                proxy.beginRequests();
            }
        }
        if (started && !isReady(status)) {
            fleet.notReady(this);
        }
        if (started && !status.isUsable()) {
            fleet.notUsable(this);
        }
        fleet.setWell(this, started && status.isAccepted() && (proxy == null || proxy.isWell()));
    }

    /** As {@code ReadyCheck}. */
    private static boolean isReady(TokenStatus status) {
        return ReadyFollows.START.isReady(AcceptedBy.EVERY, status);
    }
}
