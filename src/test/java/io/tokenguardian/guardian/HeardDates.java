package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.ObservedReplicas.HeardDate;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.status.StatusLog;
import io.tokenguardian.token.TestTokens;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A guardian that hears what its proxy has met, in simulated time: for a measurement of what that costs. */
public final class HeardDates {
    private static final ServerCertificate CERTIFICATE = new ServerCertificate("b", List.of());

    private final World world =
            World.of(new Replica("a", Duration.ZERO), new Replica("b", Duration.ZERO), new Replica("c", Duration.ZERO));

    /** With three replicas that accept the token. */
    public HeardDates() {
        world.onTokenStatus(new StatusLog(world.time.timeline())::acceptClocks)
                .read(TestTokens.issuedAt(World.NOON.truncatedTo(ChronoUnit.SECONDS))
                        .token())
                .runUntilAccepted();
    }

    /** Its thread is not started: {@link #turn} takes what it hears. */
    public GuardianLoop loop() {
        return new GuardianLoop(world.guardian, world.time.timeline());
    }

    /** A second passes, and a replica answers a request. */
    public void hear() {
        world.time.advance(Duration.ofSeconds(1));
        Instant now = world.time.now();
        world.guardian.hearDate(new HeardDate(
                SimulatedApiServer.ADDRESS,
                CERTIFICATE,
                new Sample(now.minusMillis(1), now, now.truncatedTo(ChronoUnit.SECONDS))));
    }

    /** Compares the clocks that were heard, and publishes the status. */
    public void turn() {
        world.guardian.runOnce();
    }
}
