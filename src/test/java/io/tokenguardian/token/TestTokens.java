package io.tokenguardian.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds service-account tokens with the claims that a current API server writes. They are signed with a key that is
 * created once per JVM. Every signature differs, so two calls of {@link #text()} return different tokens with the same
 * claims.
 */
public final class TestTokens {
    private static final ECKey KEY = makeKey();

    private final Map<String, Object> claims = new LinkedHashMap<>();
    private final Map<String, Object> kubernetes = new LinkedHashMap<>();
    private @Nullable String keyId = "test-key";

    private TestTokens() {}

    /** A pod's default token: {@code nbf = iat}, {@code exp} a year ahead, {@code warnafter} an hour ahead. */
    public static TestTokens issuedAt(Instant issuedAt) {
        return new TestTokens()
                .claim("aud", List.of("https://kubernetes.default.svc.cluster.local"))
                .expiresAt(issuedAt.plusSeconds(31_536_000))
                .claim("iat", issuedAt.getEpochSecond())
                .claim("iss", "https://kubernetes.default.svc.cluster.local")
                .claim("jti", "0a1b2c3d-0000-4000-8000-000000000001")
                .notBefore(issuedAt)
                .claim("sub", "system:serviceaccount:shop:cart")
                .kubernetes("namespace", "shop")
                .kubernetes("node", reference("node-1", "00000000-0000-4000-8000-000000000002"))
                .kubernetes("pod", reference("cart-0", "00000000-0000-4000-8000-000000000003"))
                .kubernetes("serviceaccount", reference("cart", "00000000-0000-4000-8000-000000000004"))
                .kubernetes("warnafter", issuedAt.plusSeconds(3607).getEpochSecond());
    }

    /** Returns the text of a token with exactly this payload, whether it is valid or not. */
    public static String signed(String payload) {
        return sign(header("test-key"), new Payload(payload));
    }

    public TestTokens notBefore(Instant notBefore) {
        return claim("nbf", notBefore.getEpochSecond());
    }

    public TestTokens expiresAt(Instant expiresAt) {
        return claim("exp", expiresAt.getEpochSecond());
    }

    public TestTokens subject(String subject) {
        return claim("sub", subject);
    }

    public TestTokens audience(String... audience) {
        return claim("aud", List.of(audience));
    }

    /** Sets {@code kid} in the header; null leaves it out. */
    public TestTokens keyId(@Nullable String keyId) {
        this.keyId = keyId;
        return this;
    }

    /** Sets any claim; null leaves it out. */
    public TestTokens claim(String name, @Nullable Object value) {
        return set(claims, name, value);
    }

    /** Sets any claim under {@code kubernetes.io}; null leaves it out. */
    public TestTokens kubernetes(String name, @Nullable Object value) {
        return set(kubernetes, name, value);
    }

    private TestTokens set(Map<String, Object> target, String name, @Nullable Object value) {
        if (value == null) {
            target.remove(name);
        } else {
            target.put(name, value);
        }
        return this;
    }

    /** Returns the bearer text, newly signed. */
    public String text() {
        Map<String, Object> payload = new LinkedHashMap<>(claims);
        if (!kubernetes.isEmpty()) {
            payload.putIfAbsent("kubernetes.io", kubernetes);
        }
        return sign(header(keyId), new Payload(payload));
    }

    public Token token() {
        return parse(text());
    }

    /** Parses the text of a token, which must be valid. */
    public static Token parse(String text) {
        try {
            return Token.parse(text);
        } catch (TokenFormatException e) {
            throw new AssertionError(e);
        }
    }

    static Map<String, Object> reference(String name, String uid) {
        return Map.of("name", name, "uid", uid);
    }

    private static JWSHeader header(@Nullable String keyId) {
        return new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(keyId).build();
    }

    private static String sign(JWSHeader header, Payload payload) {
        try {
            JWSObject jws = new JWSObject(header, payload);
            jws.sign(new ECDSASigner(KEY));
            return jws.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static ECKey makeKey() {
        try {
            return new ECKeyGenerator(Curve.P_256).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
