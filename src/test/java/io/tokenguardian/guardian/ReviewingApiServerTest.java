package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReviewingApiServerTest {
    private final SimulatedTime time = new SimulatedTime(World.NOON);
    private final SimulatedApiServer server = SimulatedApiServer.inTurn(time, new Replica("replica", Duration.ZERO));
    private final Token token = TestTokens.issuedAt(World.NOON).token();

    @Test
    void aTokenForAnotherAudienceIsNotSentWithoutAnAcceptedToken() {
        ReviewingApiServer reviewing =
                new ReviewingApiServer(server, () -> null, List.of(), new ReviewPermission(), time.timeline());

        try (ProbeConnection probeConnection = reviewing.open()) {
            assertThat(probeConnection.probe(token).join().outcome()).isInstanceOf(ProbeOutcome.Unavailable.class);
        }

        assertThat(server.connections).isZero();
    }
}
