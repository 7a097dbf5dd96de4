package io.tokenguardian.standin;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A token that a client presents: a signed JWT with its claims, including Kubernetes' private claims
 * (docs/api-server.md, Token claims). The program's own parser is deliberately not used here, so that tests can find
 * mistakes in it.
 *
 * @param serviceAccount the service account to which the token belongs. Like all other components, it is null if its
 *     claim is absent
 * @param pod the pod to which the token is bound
 * @param node the node on which that pod runs
 */
record PresentedToken(
        SignedJWT jwt,
        JWTClaimsSet claims,
        @Nullable String namespace,
        @Nullable Reference serviceAccount,
        @Nullable Reference pod,
        @Nullable Reference node) {

    /** The name and the uid of an object, as stated in the token. */
    record Reference(@Nullable String name, @Nullable String uid) {}

    /** Three unpadded base64url parts. nimbus ignores other characters, but Go refuses them. */
    private static final Pattern COMPACT = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]+");

    /**
     * Reads a token without verifying it. Ignores surrounding white space, as go-jose does.
     *
     * @throws ParseException if the text is not a signed JWT, or if a claim has the wrong type
     */
    static PresentedToken parse(String bearer) throws ParseException {
        String text = bearer.strip();
        if (!COMPACT.matcher(text).matches()) {
            throw new ParseException("not three parts of base64url", 0);
        }
        SignedJWT jwt = SignedJWT.parse(text);
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        Map<String, Object> kubernetes = claims.getJSONObjectClaim("kubernetes.io");
        Map<String, Object> own = kubernetes == null ? Map.of() : kubernetes;
        return new PresentedToken(
                jwt,
                claims,
                JSONObjectUtils.getString(own, "namespace"),
                reference(own, "serviceaccount"),
                reference(own, "pod"),
                reference(own, "node"));
    }

    private static @Nullable Reference reference(Map<String, Object> own, String claim) throws ParseException {
        Map<String, Object> object = JSONObjectUtils.getJSONObject(own, claim);
        return object == null
                ? null
                : new Reference(JSONObjectUtils.getString(object, "name"), JSONObjectUtils.getString(object, "uid"));
    }
}
