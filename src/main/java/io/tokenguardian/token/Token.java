package io.tokenguardian.token;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A service-account token. Only the API server checks its signature. The bearer text is a secret: only
 * {@link #bearer()} returns it, and {@link #toString()} does not show it.
 */
public final class Token {

    /** {@code 9999-12-31T23:59:59Z}, the last second that RFC 3339 can represent. */
    private static final long LAST_SECOND = 253_402_300_799L;

    private static final Pattern COMPACT_FORM = Pattern.compile("[A-Za-z0-9_.-]+");

    /** {@code placeholder} in base64url. */
    private static final String PLACEHOLDER_SIGNATURE = "cGxhY2Vob2xkZXI";

    private final String bearer;
    private final @Nullable String keyId;
    private final TokenClaims claims;

    private Token(String bearer, @Nullable String keyId, TokenClaims claims) {
        this.bearer = bearer;
        this.keyId = keyId;
        this.claims = claims;
    }

    /**
     * Parses a signed JWT in compact form (RFC 7519). Ignores whitespace around it, as client-go does. Any other
     * character is an error, because the bearer text becomes part of a header line, and nimbus would skip the
     * character.
     *
     * @throws TokenFormatException if the text is not a signed JWT, or a claim has the wrong type or is out of range
     */
    public static Token parse(String text) throws TokenFormatException {
        String bearer = text.strip();
        if (!COMPACT_FORM.matcher(bearer).matches()) {
            throw new TokenFormatException("not a JWT: base64url parts separated by dots are expected");
        }
        SignedJWT jwt = parseSigned(bearer);
        return new Token(bearer, jwt.getHeader().getKeyID(), readClaims(payload(jwt)));
    }

    private static SignedJWT parseSigned(String bearer) throws TokenFormatException {
        JWT jwt;
        try {
            JsonObjects.parse(new Base64URL(bearer.split("\\.", 2)[0]).decodeToString());
            jwt = JWTParser.parse(bearer);
        } catch (ParseException | IllegalArgumentException e) {
            // Thrown without the cause, because nimbus quotes the token in its messages.
            throw new TokenFormatException("not a JWT: header, payload and signature are expected");
        }
        if (jwt instanceof SignedJWT signed) {
            return signed;
        }
        throw new TokenFormatException(
                jwt instanceof EncryptedJWT ? "an encrypted JWT, not a signed one" : "a JWT without a signature");
    }

    private static Map<String, Object> payload(SignedJWT jwt) throws TokenFormatException {
        try {
            return JsonObjects.parse(jwt.getPayload().toString());
        } catch (ParseException e) {
            throw new TokenFormatException("the payload of the JWT is not a JSON object");
        }
    }

    private static TokenClaims readClaims(Map<String, Object> json) throws TokenFormatException {
        Map<String, Object> kubernetes = object(json, "kubernetes.io");
        return new TokenClaims(
                string(json, "sub"),
                string(json, "iss"),
                audience(json),
                instant(json, "iat"),
                instant(json, "nbf"),
                instant(json, "exp"),
                instant(kubernetes, "warnafter"),
                string(json, "jti"),
                string(kubernetes, "namespace"),
                reference(kubernetes, "serviceaccount"),
                reference(kubernetes, "pod"),
                reference(kubernetes, "node"),
                reference(kubernetes, "secret"));
    }

    /** Reads {@code aud}: one string or a list of strings (RFC 7519). */
    private static List<String> audience(Map<String, Object> json) throws TokenFormatException {
        Object value = json.get("aud");
        List<?> values = value == null ? List.of() : value instanceof List<?> list ? list : List.of(value);
        List<String> audience = new ArrayList<>();
        for (Object each : values) {
            if (!(each instanceof String string)) {
                throw new TokenFormatException(
                        "the claim \"aud\" of the JWT is neither a string nor a list" + " of strings");
            }
            audience.add(string);
        }
        return audience;
    }

    private static @Nullable Instant instant(@Nullable Map<String, Object> json, String claim)
            throws TokenFormatException {
        Object value = json == null ? null : json.get(claim);
        if (value == null) {
            return null;
        }
        if (!(value instanceof Number number)) {
            throw new TokenFormatException("the claim \"" + claim + "\" of the JWT is not a number");
        }
        double seconds = number.doubleValue();
        if (!(seconds >= 0 && seconds <= LAST_SECOND)) {
            throw new TokenFormatException(
                    "the claim \"" + claim + "\" of the JWT is not between the years 1970" + " and 9999");
        }
        // Fractions are rounded down, as in go-jose.
        return Instant.ofEpochSecond(number.longValue());
    }

    private static @Nullable String string(@Nullable Map<String, Object> json, String claim)
            throws TokenFormatException {
        try {
            return json == null ? null : JSONObjectUtils.getString(json, claim);
        } catch (ParseException e) {
            throw new TokenFormatException("the claim \"" + claim + "\" of the JWT is not a string");
        }
    }

    private static @Nullable Map<String, Object> object(@Nullable Map<String, Object> json, String claim)
            throws TokenFormatException {
        try {
            return json == null ? null : JSONObjectUtils.getJSONObject(json, claim);
        } catch (ParseException e) {
            throw new TokenFormatException("the claim \"" + claim + "\" of the JWT is not an object");
        }
    }

    private static TokenClaims.@Nullable Reference reference(@Nullable Map<String, Object> json, String claim)
            throws TokenFormatException {
        Map<String, Object> reference = object(json, claim);
        return reference == null
                ? null
                : new TokenClaims.Reference(string(reference, "name"), string(reference, "uid"));
    }

    /** A secret, only for the API server and the files of the pod's app. It must not appear in logs or messages. */
    public String bearer() {
        return bearer;
    }

    /** Returns the token with a fixed text as its signature. No API server accepts it, so it is not a secret. */
    public String placeholder() {
        return bearer.substring(0, bearer.lastIndexOf('.') + 1) + PLACEHOLDER_SIGNATURE;
    }

    /** The header's {@code kid}: the ID of the key with which the issuer signed the token. */
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

    /** Contains no part of the bearer text. */
    @Override
    public String toString() {
        return "Token[subject=" + claims.subject() + ", validFrom="
                + claims.validFrom().orElse(null) + ", expiresAt=" + claims.expiresAt() + "]";
    }
}
