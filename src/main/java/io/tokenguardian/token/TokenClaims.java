package io.tokenguardian.token;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a service-account token. Instants are whole seconds on the clock of the replica that issued the token.
 *
 * @param subject {@code system:serviceaccount:NAMESPACE:NAME}
 * @param audience empty if the claim is absent
 * @param expiresAt absent from the never-expiring tokens of old clusters
 * @param warnAfter when kubelet should have replaced a token whose {@code exp} is a year ahead
 * @param jwtId since Kubernetes 1.30
 * @param pod absent if the token is not bound to a pod
 * @param node since Kubernetes 1.30
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
     * From the {@code namespace} claim or else the subject: tokens that old clusters keep in secrets have no
     * {@code kubernetes.io} claim. Empty if the subject is not a service account.
     */
    public Optional<String> serviceAccountNamespace() {
        if (namespace != null) {
            return Optional.of(namespace);
        }
        Matcher matcher = SERVICE_ACCOUNT.matcher(subject == null ? "" : subject);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The later of {@code nbf} and {@code iat}, without leeway; the API server checks both (docs/api-server.md). */
    public Optional<Instant> validFrom() {
        if (notBefore == null) {
            return Optional.ofNullable(issuedAt);
        }
        return Optional.of(issuedAt != null && issuedAt.isAfter(notBefore) ? issuedAt : notBefore);
    }

    /** From {@code iat} to {@code exp}; empty if one of them is absent. */
    public Optional<Duration> lifetime() {
        return issuedAt == null || expiresAt == null
                ? Optional.empty()
                : Optional.of(Duration.between(issuedAt, expiresAt));
    }

    /** The end that kubelet requested: the API server may have set {@code exp} a year ahead (docs/api-server.md). */
    public Optional<Instant> requestedExpiry() {
        return Optional.ofNullable(warnAfter != null ? warnAfter : expiresAt);
    }

    /**
     * When kubelet should request the next token: after 80 % of the requested lifetime, at most 24 h. kubelet's jitter
     * can make the request up to 10 s earlier, and its volume loop up to two minutes later.
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
