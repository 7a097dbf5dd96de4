package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests with a token that the file held two hours ago, and that expired an hour ago. */
class StaleCallerRequestsTest extends ScriptedProxyTest {
    private final Instant now = Instant.now();
    private final Token old = Tokens.issuedAt(now.minus(Duration.ofHours(2)));
    private final Token newest = Tokens.issuedAt(now.minus(Duration.ofMinutes(1)));

    private List<StaleCaller> callersAfter(Token sent, AuthorizationPolicy policy) throws IOException {
        start(ScriptedServer.always("200 OK", "good"), draft -> draft.authorization(policy))
                .using(newest);
        StaleCallers callers = proxy.proxy().staleCallers();
        callers.accept(TokenStatuses.of(now, new Verdict.Accepted(now, null), newest));
        caller.get("/", "User-Agent: app/1\r\nAuthorization: Bearer " + sent.bearer() + "\r\n")
                .readAnswer();
        return callers.callers(Instant.now());
    }

    @ParameterizedTest
    @EnumSource(names = {"REPLACE", "KEEP"})
    void theOldTokenIsCountedByUserAgent(AuthorizationPolicy policy) throws IOException {
        assertThat(callersAfter(old, policy)).singleElement().satisfies(caller -> {
            assertThat(caller.userAgent()).isEqualTo("app/1");
            assertThat(caller.requests()).isEqualTo(1);
            assertThat(caller.isOfThisPod()).isTrue();
            assertThat(caller.passedOn()).isEqualTo(policy == AuthorizationPolicy.KEEP);
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"REPLACE", "KEEP"})
    void theNewestTokenIsNotCounted(AuthorizationPolicy policy) throws IOException {
        assertThat(callersAfter(newest, policy)).isEmpty();
    }

    @Test
    void aRejectedTokenIsNotCounted() throws IOException {
        assertThat(callersAfter(old, AuthorizationPolicy.REJECT)).isEmpty();
    }
}
