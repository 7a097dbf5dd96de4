package io.tokenguardian.token;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a service-account token, as far as this program uses them. Instants are whole seconds on the clock of
 * the API server replica that issued the token.
 *
 * @param subject {@code sub}: {@code system:serviceaccount:NAMESPACE:NAME}
 * @param issuer {@code iss}
 * @param audience {@code aud}; empty if the claim is absent
 * @param issuedAt {@code iat}
 * @param notBefore {@code nbf}
 * @param expiresAt {@code exp}; absent from the never-expiring tokens of old clusters
 * @param warnAfter {@code kubernetes.io/warnafter}: the time by which kubelet should have replaced a token whose
 *     {@code exp} is a year ahead
 * @param jwtId {@code jti}; since Kubernetes 1.30
 * @param namespace {@code kubernetes.io/namespace}
 * @param serviceAccount {@code kubernetes.io/serviceaccount}
 * @param pod {@code kubernetes.io/pod}; absent if the token is not bound to a pod
 * @param node {@code kubernetes.io/node}; since Kubernetes 1.30
 * @param secret {@code kubernetes.io/secret}; present only if the token is bound to a secret
 */
public record TokenClaims(
        @Nullable String subject,
        @Nullable String issuer,
        List<String> audience,
        @Nullable Instant issuedAt,
        @Nullable Instant notBefore,
        @Nullable Instant expiresAt,
        @Nullable Instant warnAfter,
        @Nullable String jwtId,
        @Nullable String namespace,
        @Nullable Reference serviceAccount,
        @Nullable Reference pod,
        @Nullable Reference node,
        @Nullable Reference secret) {

    private static final Pattern SERVICE_ACCOUNT = Pattern.compile("system:serviceaccount:([^:]+):[^:]+");

    /** The maximum time from a token's issue until kubelet replaces it (docs/api-server.md, kubelet's token volume). */
    private static final Duration LONGEST_USE = Duration.ofHours(24);

    /** An object to which the token is bound. */
    public record Reference(@Nullable String name, @Nullable String uid) {}

    public TokenClaims {
        audience = List.copyOf(audience);
    }

    /**
     * Returns the namespace of the service account, from the {@code namespace} claim or, without it, from the subject:
     * tokens that old clusters keep in secrets have no {@code kubernetes.io} claim. Empty if the subject is not a
     * service account.
     */
    public Optional<String> serviceAccountNamespace() {
        if (namespace != null) {
            return Optional.of(namespace);
        }
        Matcher matcher = SERVICE_ACCOUNT.matcher(subject == null ? "" : subject);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /**
     * Returns the first instant that the claims allow, without leeway: the later of {@code nbf} and {@code iat}, both
     * of which the API server checks (docs/api-server.md, Token validity). Empty if the token has neither.
     */
    public Optional<Instant> validFrom() {
        if (notBefore == null) {
            return Optional.ofNullable(issuedAt);
        }
        return Optional.of(issuedAt != null && issuedAt.isAfter(notBefore) ? issuedAt : notBefore);
    }

    /**
     * Returns the end of the lifetime that kubelet requested: {@code warnafter} if the API server extended {@code exp}
     * to a year (docs/api-server.md, Token claims), otherwise {@code exp}. Empty if the token has neither.
     */
    public Optional<Instant> requestedExpiry() {
        return Optional.ofNullable(warnAfter != null ? warnAfter : expiresAt);
    }

    /**
     * Returns when kubelet should request the next token: after 80 % of the requested lifetime or after 24 h, whichever
     * is earlier. kubelet's jitter can make the request up to 10 s earlier, and its volume loop up to two minutes
     * later. Empty without {@code iat} or {@link #requestedExpiry()}.
     */
    public Optional<Instant> rotationDue() {
        Instant end = requestedExpiry().orElse(null);
        if (issuedAt == null || end == null) {
            return Optional.empty();
        }
        Duration age = Duration.between(issuedAt, end).multipliedBy(4).dividedBy(5);
        return Optional.of(issuedAt.plus(age.compareTo(LONGEST_USE) < 0 ? age : LONGEST_USE));
    }
}
