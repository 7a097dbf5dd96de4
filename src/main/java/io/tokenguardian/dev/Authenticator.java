package io.tokenguardian.dev;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSObject;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.token.TokenFormatException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges tokens on one replica's clock. The checks, their order, their texts, the leeway and the cache of accepted
 * tokens are those of the real server (docs/api-server.md, Token validity and Authentication cache).
 */
final class Authenticator {

    /** go-jose's {@code DefaultLeeway}. */
    static final Duration LEEWAY = Duration.ofSeconds(60);

    /** The text in the server's log for a credential that none of its authenticators recognizes. */
    static final String UNKNOWN = "invalid bearer token";

    private record Asked(String bearer, List<String> audiences) {}

    private record Success(Authentication.Authenticated authenticated, Instant until) {}

    private final ReplicaClock clock;
    private final ObjectStore objects;
    private final List<String> audience;
    private final Duration successCache;
    private final Map<Asked, Success> successes = new ConcurrentHashMap<>();

    Authenticator(ReplicaClock clock, ObjectStore objects, List<String> audience, Duration successCache) {
        this.clock = clock;
        this.objects = objects;
        this.audience = audience;
        this.successCache = successCache;
    }

    /**
     * Judges {@code bearer} now. A success is cached for a time on the base clock, since a step of the wall clock does
     * not affect the real cache either. A failure is not cached.
     */
    Authentication authenticate(String bearer) {
        return authenticate(bearer, audience);
    }

    /** Judges a token that must be for one of {@code audiences}, as a TokenReview may demand. */
    Authentication authenticate(String bearer, List<String> audiences) {
        Asked asked = new Asked(bearer, audiences);
        Success success = successes.get(asked);
        if (success != null && clock.baseInstant().isBefore(success.until())) {
            return success.authenticated();
        }
        Authentication judged = judge(bearer, audiences);
        if (judged instanceof Authentication.Authenticated authenticated && !successCache.isZero()) {
            successes.put(asked, new Success(authenticated, clock.baseInstant().plus(successCache)));
        } else {
            successes.remove(asked);
        }
        return judged;
    }

    /** Empties the cache of accepted tokens, as a restart of the server does. */
    void forget() {
        successes.clear();
    }

    private Authentication judge(String bearer, List<String> audiences) {
        Token token;
        JWSObject jws;
        try {
            token = Token.parse(bearer);
            jws = JWSObject.parse(bearer);
        } catch (TokenFormatException | ParseException e) {
            return new Authentication.Refused(UNKNOWN);
        }
        TokenClaims claims = token.claims();
        if (!StandInApiServer.ISSUER.equals(claims.issuer())) {
            return new Authentication.Refused(UNKNOWN);
        }
        if (!isSigned(jws)) {
            return refused("invalid signature, no keys found");
        }
        List<String> meant =
                claims.audience().stream().filter(audiences::contains).toList();
        if (meant.isEmpty()) {
            return refused("token audiences " + quoted(claims.audience()) + " is invalid for the target audiences "
                    + quoted(audiences));
        }
        Authentication.@Nullable Refused refused = checkTimes(claims, clock.instant());
        return refused == null ? checkObjects(claims, meant) : refused;
    }

    private static boolean isSigned(JWSObject jws) {
        for (SigningKey key : List.of(SigningKey.shared(), SigningKey.sharedElliptic())) {
            if (key.algorithm().equals(jws.getHeader().getAlgorithm())) {
                try {
                    if (jws.verify(key.verifier())) {
                        return true;
                    }
                } catch (JOSEException e) {
                    return false;
                }
            }
        }
        return false;
    }

    /** Exact to fractions of a second: {@code now + leeway < nbf} is refused, {@code now + leeway = nbf} is not. */
    private static Authentication.@Nullable Refused checkTimes(TokenClaims claims, Instant now) {
        Instant notBefore = claims.notBefore();
        if (notBefore != null && now.plus(LEEWAY).isBefore(notBefore)) {
            return refused("service account token is not valid yet");
        }
        Instant expiresAt = claims.expiresAt();
        if (expiresAt != null && now.minus(LEEWAY).isAfter(expiresAt)) {
            return refused("service account token has expired");
        }
        Instant issuedAt = claims.issuedAt();
        if (issuedAt != null && now.plus(LEEWAY).isBefore(issuedAt)) {
            return refused("service account token is issued in the future");
        }
        return null;
    }

    private Authentication checkObjects(TokenClaims claims, List<String> meant) {
        String namespace = claims.namespace();
        TokenClaims.Reference account = claims.serviceAccount();
        if (namespace == null || account == null || account.name() == null) {
            return refused("service account token has no service account");
        }
        ObjectNode found = objects.get(ResourceType.SERVICE_ACCOUNTS, namespace, account.name());
        if (found == null) {
            return refused("serviceaccounts \"" + account.name() + "\" not found");
        }
        String uid = ObjectStore.uid(found);
        if (!uid.equals(account.uid())) {
            return refused("service account UID (" + uid + ") does not match claim (" + account.uid() + ")");
        }
        TokenClaims.Reference pod = claims.pod();
        if (pod != null && pod.name() != null) {
            ObjectNode foundPod = objects.get(ResourceType.PODS, namespace, pod.name());
            if (foundPod == null) {
                return refused("service account token has been invalidated");
            }
            String podUid = ObjectStore.uid(foundPod);
            if (!podUid.equals(pod.uid())) {
                return refused(
                        "pod UID (" + podUid + ") does not match service account pod ref claim (" + pod.uid() + ")");
            }
        }
        return new Authentication.Authenticated(User.of(claims, namespace, account.name(), uid), meant);
    }

    private static Authentication.Refused refused(String cause) {
        return new Authentication.Refused("[" + UNKNOWN + ", " + cause + "]");
    }

    private static String quoted(List<String> texts) {
        return texts.stream().map(text -> '"' + text + '"').collect(Collectors.joining(" ", "[", "]"));
    }
}
