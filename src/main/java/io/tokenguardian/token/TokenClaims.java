package io.tokenguardian.token;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a service-account token, as far as anybody here asks for them. Instants are whole seconds on the
 * clock of the API server replica that issued the token.
 *
 * @param subject {@code sub}: {@code system:serviceaccount:NAMESPACE:NAME}
 * @param issuer {@code iss}
 * @param audience {@code aud}; empty when the claim is absent
 * @param issuedAt {@code iat}
 * @param notBefore {@code nbf}
 * @param expiresAt {@code exp}; absent from the never-expiring tokens of old clusters
 * @param warnAfter {@code kubernetes.io/warnafter}: when kubelet should have replaced a token whose {@code exp}
 *     is a year ahead
 * @param jwtId {@code jti}; since Kubernetes 1.30
 * @param namespace {@code kubernetes.io/namespace}
 * @param serviceAccount {@code kubernetes.io/serviceaccount}
 * @param pod {@code kubernetes.io/pod}; absent from tokens not bound to a pod
 * @param node {@code kubernetes.io/node}; since Kubernetes 1.30
 * @param secret {@code kubernetes.io/secret}; only in tokens bound to a secret
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

    /** kubelet replaces a token no later than this after it was issued (docs/api-server.md, kubelet's token volume). */
    private static final Duration LONGEST_USE = Duration.ofHours(24);

    /** An object the token is bound to. */
    public record Reference(@Nullable String name, @Nullable String uid) {}

    public TokenClaims {
        audience = List.copyOf(audience);
    }

    /**
     * Where the service account is at home: the claim, or what the subject says, since tokens bound to a secret have no such
     * claim. Empty for another kind of bearer.
     */
    public Optional<String> homeNamespace() {
        if (namespace != null) {
            return Optional.of(namespace);
        }
        Matcher matcher = SERVICE_ACCOUNT.matcher(subject == null ? "" : subject);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /**
     * The first instant that the claims allow, leeway not counted: the later of {@code nbf} and {@code iat}, since
     * the API server checks both (docs/api-server.md, Token validity). Empty when the token has neither.
     */
    public Optional<Instant> validFrom() {
        if (notBefore == null) {
            return Optional.ofNullable(issuedAt);
        }
        return Optional.of(issuedAt != null && issuedAt.isAfter(notBefore) ? issuedAt : notBefore);
    }

    /**
     * When the time ends for which kubelet has asked for the token: {@code warnafter}, where the API server has put
     * {@code exp} off by a year (docs/api-server.md, Token claims), else {@code exp}.
     */
    public Optional<Instant> usedUntil() {
        return Optional.ofNullable(warnAfter != null ? warnAfter : expiresAt);
    }

    /**
     * When kubelet is to have asked for the next token: after 80 % of the time for which it has asked, or a day.
     * kubelet's jitter makes it up to 10 s earlier, its round over the volumes up to two minutes later. Empty without
     * {@code iat} or an end.
     */
    public Optional<Instant> rotationDue() {
        Instant end = usedUntil().orElse(null);
        if (issuedAt == null || end == null) {
            return Optional.empty();
        }
        Duration use = Duration.between(issuedAt, end).multipliedBy(4).dividedBy(5);
        return Optional.of(issuedAt.plus(use.compareTo(LONGEST_USE) < 0 ? use : LONGEST_USE));
    }
}
