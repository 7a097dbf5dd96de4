package io.tokenguardian.proxy;

import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes different tokens without a valid signature. */
public final class Tokens {

    private static final AtomicInteger COUNT = new AtomicInteger();

    private Tokens() {}

    /** Returns a token that is issued at {@code issuedAt} and valid for an hour. */
    public static Token issuedAt(Instant issuedAt) {
        long seconds = issuedAt.getEpochSecond();
        return of("{\"sub\":\"system:serviceaccount:ns:test\",\"jti\":\"%d\",\"iat\":%d,\"nbf\":%d,\"exp\":%d}"
                .formatted(COUNT.incrementAndGet(), seconds, seconds, seconds + 3600));
    }

    /** Returns a token that kubelet requested for {@code requested}, and that the API server made valid for longer. */
    public static Token of(Instant issuedAt, Duration requested, Duration lifetime) {
        long seconds = issuedAt.getEpochSecond();
        return of(("{\"sub\":\"system:serviceaccount:ns:test\",\"jti\":\"%d\",\"iat\":%d,\"nbf\":%d,\"exp\":%d,"
                        + "\"kubernetes.io\":{\"warnafter\":%d}}")
                .formatted(
                        COUNT.incrementAndGet(),
                        seconds,
                        seconds,
                        seconds + lifetime.toSeconds(),
                        seconds + requested.toSeconds()));
    }

    private static Token of(String claims) {
        return TestTokens.parse(base64("{\"alg\":\"RS256\"}") + "." + base64(claims) + "." + base64("no signature"));
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
