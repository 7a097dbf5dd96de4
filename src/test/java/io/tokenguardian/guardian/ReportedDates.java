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

/** A guardian in simulated time that receives the dates of proxied responses, to measure the cost of these reports. */
public final class ReportedDates {
    private static final ServerCertificate CERTIFICATE = new ServerCertificate("b", List.of());

    private final World world =
            World.of(new Replica("a", Duration.ZERO), new Replica("b", Duration.ZERO), new Replica("c", Duration.ZERO));

    /** Makes a guardian with three replicas that accept the token. */
    public ReportedDates() {
        world.onTokenStatus(new StatusLog(world.time.timeline())::acceptClocks)
                .read(TestTokens.issuedAt(World.NOON.truncatedTo(ChronoUnit.SECONDS))
                        .token())
                .runUntilAccepted();
    }

    /** Returns a loop whose thread is not started: {@link #turn} processes the reported dates. */
    public GuardianLoop loop() {
        return new GuardianLoop(world.guardian, world.time.timeline());
    }

    /** Advances the time by a second, and reports the date of a response. */
    public void report() {
        world.time.advance(Duration.ofSeconds(1));
        Instant now = world.time.now();
        world.guardian
                .input()
                .hearDate(new HeardDate(
                        SimulatedApiServer.ADDRESS,
                        CERTIFICATE,
                        new Sample(now.minusMillis(1), now, now.truncatedTo(ChronoUnit.SECONDS))));
    }

    /** Compares the reported clocks, and publishes the status. */
    public void turn() {
        world.guardian.runOnce();
    }
}
