package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A request is held again if its token is refused and no other token is known to be accepted. */
class HeldAgainTest {

    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    @Test
    void aRefusedRequestWaitsUntilATokenIsUsableAgain() throws IOException {
        // Given a replica that treats the token as expired
        AtomicReference<RunningProxy> running = new AtomicReference<>();
        AtomicInteger heads = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    while (!connection.readHead().isEmpty()) {
                        if (heads.incrementAndGet() == 1) {
                            running.get().using((Token) null);
                            connection.answer("401 Unauthorized\r\nDate: Thu, 01 Jan 2026 03:00:00 GMT", "expired");
                        } else {
                            connection.answer("200 OK", "good");
                        }
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(TOKEN)) {
            running.set(proxy);

            // When
            try (RawCaller caller = proxy.call().get("/", "")) {
                await().until(() -> proxy.counters().heldNow() == 1);
                proxy.using(TOKEN);

                // Then
                assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("good");
            }
        }
    }
}
