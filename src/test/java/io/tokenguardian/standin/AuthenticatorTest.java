package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuthenticatorTest {

    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

    private final AtomicReference<Instant> time = new AtomicReference<>(START);

    @AutoClose
    private StandInApiServer server;

    private String token;

    @BeforeEach
    void issue() throws Exception {
        server = StandInApiServer.builder().replicas(1).clock(time::get).start();
        token = server.issue();
    }

    @Test
    void checkThatBeganBeforeTheCacheWasEmptiedDoesNotFillIt() {
        // Given
        AtomicReference<Runnable> duringCheck = new AtomicReference<>(() -> {});
        ReplicaClock clock = new ReplicaClock(() -> {
            duringCheck.get().run();
            return time.get();
        });
        Authenticator authenticator =
                new Authenticator(clock, server.objects(), List.of(StandInApiServer.ISSUER), Duration.ofSeconds(10));
        duringCheck.set(authenticator::forget);
        assertThat(authenticator.authenticate(token)).isInstanceOf(Authentication.Authenticated.class);
        duringCheck.set(() -> {});
        clock.offset(Duration.ofMinutes(-5));
        // When
        Authentication later = authenticator.authenticate(token);
        // Then
        assertThat(later).isInstanceOf(Authentication.Refused.class);
    }
}
