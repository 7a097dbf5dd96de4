package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the probes at its own address show about a replica. */
class DiscoveredReplicaTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final ProbeOutcome ACCEPTED = new ProbeOutcome.Authenticated("somebody");
    private static final ProbeOutcome REFUSED = new ProbeOutcome.Unauthorized();

    private final Token token = issuedAt(0);
    private final DiscoveredReplica replica =
            new DiscoveredReplica(new ApiServerAddress("10.0.0.1", 6443, "kubernetes"), () -> {
                throw new AssertionError("no connection is needed");
            });

    private static Token issuedAt(int seconds) {
        return TestTokens.issuedAt(NOON.plusSeconds(seconds)).token();
    }

    @Test
    void aReplicaIsNotKnownToAcceptBeforeAProbe() {
        assertThat(replica.accepts(token)).isFalse();
    }

    @Test
    void anAcceptanceAppliesOnlyToItsToken() {
        replica.record(token, ACCEPTED);
        assertThat(replica.accepts(token)).isTrue();
        assertThat(replica.accepts(issuedAt(1))).isFalse();
    }

    @Test
    void aRefusalEndsOnlyTheAcceptanceOfItsToken() {
        Token other = issuedAt(1);
        replica.record(token, ACCEPTED);
        replica.record(other, ACCEPTED);
        replica.record(token, REFUSED);
        assertThat(replica.accepts(token)).isFalse();
        assertThat(replica.accepts(other)).isTrue();
    }

    @Test
    void anUnreachableReplicaKeepsItsAcceptances() {
        replica.record(token, ACCEPTED);
        replica.record(token, new ProbeOutcome.Unreachable("no connection"));
        assertThat(replica.accepts(token)).isTrue();
        assertThat(replica.isSilent()).isTrue();
    }

    @Test
    void aResponseEndsTheSilence() {
        replica.reportSilence();
        assertThat(replica.isSilent()).isTrue();
        replica.record(token, REFUSED);
        assertThat(replica.isSilent()).isFalse();
    }

    @Test
    void theNumberOfKeptTokensIsBounded() {
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i <= DiscoveredReplica.MAX_TOKENS; i++) {
            tokens.add(issuedAt(i));
            replica.record(tokens.get(i), ACCEPTED);
        }
        assertThat(tokens.stream().filter(replica::accepts))
                .hasSize(DiscoveredReplica.MAX_TOKENS)
                .doesNotContain(tokens.get(0));
    }
}
