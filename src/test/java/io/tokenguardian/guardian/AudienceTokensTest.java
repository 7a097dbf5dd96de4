package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AudienceTokensTest {
    private static AudienceTokens tokens(AudienceToken.Source... sources) {
        World world = World.of(new Replica("a", Duration.ZERO));
        return new AudienceTokens(
                List.of(sources), world.guardian, world.apiServer, World.RULES, world.time.timeline(), () -> 0.5);
    }

    private static AudienceToken.Source vault(Path directory) {
        return new AudienceToken.Source("vault", directory.resolve("vault"), List.of());
    }

    @Test
    void eachTokenHasTwoHealthyThreadsAfterTheStart(@TempDir Path directory) {
        // Given
        try (AudienceTokens tokens = tokens(vault(directory))) {

            // When
            tokens.start();

            // Then
            assertThat(tokens.threads())
                    .containsExactly(
                            new ThreadState("guardian-vault", null), new ThreadState("token-watch-vault", null));
        }
    }

    @Test
    void noThreadIsHealthyBeforeTheStart(@TempDir Path directory) {
        assertThat(tokens(vault(directory)).threads()).hasSize(2).noneMatch(ThreadState::isHealthy);
    }

    @Test
    void withoutAudienceTokensNoThreadRuns() {
        assertThat(tokens().threads()).isEmpty();
    }
}
