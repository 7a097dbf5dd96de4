package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks tokens against the clock of one replica. The checks with their order and messages, the leeway, and the cache
 * of accepted tokens match the real server's (docs/api-server.md, Token validity and Authentication cache).
 */
final class Authenticator {

    /** go-jose's {@code DefaultLeeway}. */
    static final Duration LEEWAY = Duration.ofSeconds(60);

    /** How long the server remembers that it has accepted a token. */
    private static final Duration REMEMBERED = Duration.ofSeconds(10);

    /** What the server logs for a credential that none of its authenticators recognizes. */
    static final String UNKNOWN = "invalid bearer token";

    private record Success(Authentication.Authenticated authenticated, Instant until) {}

    private final ReplicaClock clock;
    private final ObjectStore objects;
    private final List<String> audience;
    private volatile Map<String, Success> successes = new ConcurrentHashMap<>();
    private volatile List<String> issuers = List.of(StandInApiServer.ISSUER);
    private volatile List<TokenSpec.Signer> keys = List.of(TokenSpec.Signer.RS256, TokenSpec.Signer.ES256);

    Authenticator(ReplicaClock clock, ObjectStore objects, List<String> audience) {
        this.clock = clock;
        this.objects = objects;
        this.audience = audience;
    }

    /**
     * Checks {@code bearer} now. Caches an accepted token for a limited time, measured by the base clock. As in the
     * real server, steps in the wall clock don't affect the cache. Refusals are not cached.
     */
    Authentication authenticate(String bearer) {
        Map<String, Success> cache = successes;
        Success success = cache.get(bearer);
        if (success != null && clock.baseInstant().isBefore(success.until())) {
            return success.authenticated();
        }
        Authentication judged = judge(bearer);
        if (judged instanceof Authentication.Authenticated authenticated) {
            cache.put(bearer, new Success(authenticated, clock.baseInstant().plus(REMEMBERED)));
        } else {
            cache.remove(bearer);
        }
        return judged;
    }

    /** The issuers whose tokens the server accepts. A TokenRequest returns a token that names the first issuer. */
    List<String> issuers() {
        return issuers;
    }

    void setIssuers(List<String> trusted) {
        issuers = List.copyOf(trusted);
    }

    /**
     * The keys whose signatures the server accepts. A TokenRequest returns a token that is signed with the first key.
     */
    List<TokenSpec.Signer> keys() {
        return keys;
    }

    void setKeys(List<TokenSpec.Signer> known) {
        keys = List.copyOf(known);
    }

    /**
     * Empties the cache of accepted tokens, as a server restart does. Checks that are under way don't fill it again.
     */
    void forget() {
        successes = new ConcurrentHashMap<>();
    }

    private Authentication judge(String bearer) {
        PresentedToken token;
        try {
            token = PresentedToken.parse(bearer);
        } catch (ParseException | IllegalArgumentException e) {
            return new Authentication.Refused(UNKNOWN);
        }
        JWTClaimsSet claims = token.claims();
        if (!issuers.contains(claims.getIssuer())) {
            return new Authentication.Refused(UNKNOWN);
        }
        if (!hasValidSignature(token.jwt())) {
            return refused("invalid signature, no keys found");
        }
        if (claims.getAudience().stream().noneMatch(audience::contains)) {
            return refused("token audiences " + quoted(claims.getAudience()) + " is invalid for the target audiences "
                    + quoted(audience));
        }
        Authentication.@Nullable Refused refused = checkTimes(claims, clock.instant());
        return refused == null ? checkObjects(token) : refused;
    }

    private boolean hasValidSignature(SignedJWT jwt) {
        for (TokenSpec.Signer signer : keys) {
            SigningKey key = SigningKey.of(signer);
            if (key.algorithm().equals(jwt.getHeader().getAlgorithm())) {
                try {
                    if (jwt.verify(key.verifier())) {
                        return true;
                    }
                } catch (JOSEException e) {
                    return false;
                }
            }
        }
        return false;
    }

    /**
     * Checks the token's times exactly, including fractions of a second: the token is refused if {@code now + leeway <
     * nbf}, but not if {@code now + leeway = nbf}.
     */
    private static Authentication.@Nullable Refused checkTimes(JWTClaimsSet claims, Instant now) {
        Date notBefore = claims.getNotBeforeTime();
        if (notBefore != null && now.plus(LEEWAY).isBefore(notBefore.toInstant())) {
            return refused("service account token is not valid yet");
        }
        Date expiresAt = claims.getExpirationTime();
        if (expiresAt != null && now.minus(LEEWAY).isAfter(expiresAt.toInstant())) {
            return refused("service account token has expired");
        }
        Date issuedAt = claims.getIssueTime();
        if (issuedAt != null && now.plus(LEEWAY).isBefore(issuedAt.toInstant())) {
            return refused("service account token is issued in the future");
        }
        return null;
    }

    private Authentication checkObjects(PresentedToken token) {
        String namespace = token.namespace();
        PresentedToken.Reference account = token.serviceAccount();
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
        PresentedToken.Reference pod = token.pod();
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
        return new Authentication.Authenticated(User.of(token, namespace, account.name(), uid));
    }

    private static Authentication.Refused refused(String cause) {
        return new Authentication.Refused("[" + UNKNOWN + ", " + cause + "]");
    }

    private static String quoted(List<String> texts) {
        return texts.stream().map(text -> '"' + text + '"').collect(Collectors.joining(" ", "[", "]"));
    }
}
