package io.tokenguardian.token;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A service-account token: the bearer text and what it claims. The signature is not checked here: that is the API
 * server's to judge.
 *
 * <p>The bearer text is a secret. It leaves this object through {@link #bearer()} alone, and {@link #toString()}
 * does not show it.
 */
public final class Token {

    /** {@code 9999-12-31T23:59:59Z}, the last second that RFC 3339 can write. */
    private static final long LAST_SECOND = 253_402_300_799L;

    private final String bearer;
    private final @Nullable String keyId;
    private final TokenClaims claims;

    private Token(String bearer, @Nullable String keyId, TokenClaims claims) {
        this.bearer = bearer;
        this.keyId = keyId;
        this.claims = claims;
    }

    /**
     * Parses a signed JWT in compact form, as RFC 7519 and nimbus do; white space around it is ignored, as
     * client-go does.
     *
     * @throws TokenFormatException if the text is no signed JWT or a claim has the wrong type or range
     */
    public static Token parse(String text) throws TokenFormatException {
        String bearer = text.strip();
        SignedJWT jwt = parseSigned(bearer);
        JWSHeader header = jwt.getHeader();
        Map<String, Object> claims = jwt.getPayload().toJSONObject();
        if (claims == null) {
            throw new TokenFormatException("the payload of the JWT is not a JSON object");
        }
        return new Token(bearer, header.getKeyID(), readClaims(claims));
    }

    private static SignedJWT parseSigned(String bearer) throws TokenFormatException {
        JWT jwt;
        try {
            jwt = JWTParser.parse(bearer);
        } catch (ParseException | IllegalArgumentException e) {
            // The cause is dropped on purpose: nimbus quotes the text in its messages.
            throw new TokenFormatException("not a JWT");
        }
        if (jwt instanceof SignedJWT signed) {
            return signed;
        }
        throw new TokenFormatException("a JWT without a signature");
    }

    private static TokenClaims readClaims(Map<String, Object> json) throws TokenFormatException {
        JWTClaimsSet registered;
        try {
            registered = JWTClaimsSet.parse(json);
        } catch (ParseException | IllegalArgumentException e) {
            throw new TokenFormatException(
                    "a registered claim of the JWT (iss, sub, aud, exp, nbf, iat, jti) has the wrong type");
        }
        Map<String, Object> kubernetes = object(json, "kubernetes.io");
        return new TokenClaims(
                registered.getSubject(),
                registered.getIssuer(),
                registered.getAudience(),
                instant(json, "iat"),
                instant(json, "nbf"),
                instant(json, "exp"),
                instant(kubernetes, "warnafter"),
                registered.getJWTID(),
                string(kubernetes, "namespace"),
                reference(kubernetes, "serviceaccount"),
                reference(kubernetes, "pod"),
                reference(kubernetes, "node"),
                reference(kubernetes, "secret"));
    }

    private static @Nullable Instant instant(@Nullable Map<String, Object> json, String claim)
            throws TokenFormatException {
        Object value = json == null ? null : json.get(claim);
        if (value == null) {
            return null;
        }
        if (!(value instanceof Number number)) {
            throw new TokenFormatException("the claim " + claim + " of the JWT is not a number");
        }
        double seconds = number.doubleValue();
        if (!(seconds >= 0 && seconds <= LAST_SECOND)) {
            throw new TokenFormatException("the claim " + claim + " of the JWT is not between the years 1970 and 9999");
        }
        return Instant.ofEpochSecond(number.longValue());
    }

    private static @Nullable String string(@Nullable Map<String, Object> json, String claim)
            throws TokenFormatException {
        try {
            return json == null ? null : JSONObjectUtils.getString(json, claim);
        } catch (ParseException e) {
            throw new TokenFormatException("the claim " + claim + " of the JWT is not a string");
        }
    }

    private static @Nullable Map<String, Object> object(@Nullable Map<String, Object> json, String claim)
            throws TokenFormatException {
        try {
            return json == null ? null : JSONObjectUtils.getJSONObject(json, claim);
        } catch (ParseException e) {
            throw new TokenFormatException("the claim " + claim + " of the JWT is not an object");
        }
    }

    private static TokenClaims.@Nullable Reference reference(@Nullable Map<String, Object> json, String claim)
            throws TokenFormatException {
        Map<String, Object> reference = object(json, claim);
        return reference == null
                ? null
                : new TokenClaims.Reference(string(reference, "name"), string(reference, "uid"));
    }

    /** The secret itself, for the {@code Authorization} header and for nothing else. */
    public String bearer() {
        return bearer;
    }

    /** {@code kid} of the header: which key of the issuer has signed. */
    public @Nullable String keyId() {
        return keyId;
    }

    public TokenClaims claims() {
        return claims;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Token token && token.bearer.equals(bearer);
    }

    @Override
    public int hashCode() {
        return bearer.hashCode();
    }

    /** Names the token without showing it: subject and window, no part of the bearer text. */
    @Override
    public String toString() {
        return "Token[subject=" + claims.subject() + ", validFrom="
                + claims.validFrom().orElse(null) + ", expiresAt=" + claims.expiresAt() + "]";
    }
}
