package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests with the caller's own credential, while every replica refuses the guardian's token as not yet valid. */
class OwnCredentialTest extends ScriptedProxyTest {

    private static final Instant ISSUED_AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final Token TOKEN = Tokens.issuedAt(ISSUED_AT);
    private static final String OWN = "Authorization: Bearer own\r\n";

    @BeforeEach
    void letARequestWait() throws IOException {
        start(
                        connection -> {
                            for (String head = connection.readAnyHead();
                                    !head.isEmpty();
                                    head = connection.readAnyHead()) {
                                if (head.contains("Bearer own")) {
                                    connection.answer("200 OK", "good");
                                } else {
                                    connection.answer(
                                            "401 Unauthorized\r\nDate: Wed, 31 Dec 2025 23:00:00 GMT", "early");
                                }
                            }
                        },
                        draft -> draft.authorization(AuthorizationPolicy.KEEP).nanoTime(() -> 0))
                .using(TOKEN);
        caller.get("/", "");
        await().until(() -> proxy.counters().heldNow() == 1);
    }

    private String getWithOwnCredential() throws IOException {
        return call().get("/", OWN).readAnswer();
    }

    @Test
    void requestsWithAnOwnCredentialDoNotWait() throws IOException {
        // When
        String answer = getWithOwnCredential();

        // Then
        assertThat(answer).endsWith("good").doesNotContainIgnoringCase("token-guardian: held");
    }

    @Test
    void anAcceptedOwnCredentialIsNotAnAcceptanceOfTheToken() throws IOException {
        // When
        getWithOwnCredential();
        getWithOwnCredential();

        // Then the connections that they leave are proven for the waiting request, which is not sent
        assertThat(server.requests()).hasSize(2).allMatch(head -> head.contains("Bearer own"));
        assertThat(proxy.counters().heldNow()).isEqualTo(1);
    }
}
