package io.tokenguardian.dev;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The content of a token to issue. Immutable: each method returns a changed copy. By default all values are those of a
 * valid token as kubelet gets it, so that one call makes a token that is wrong in one way.
 */
public final class TokenRequest {

    /** The key that signs the token. */
    public enum Signer {
        /** The server's RS256 key. */
        RS256,
        /** The server's ES256 key. */
        ES256,
        /** An RS256 key that the server doesn't know. */
        UNKNOWN_KEY,
        /** A shared secret, which no API server accepts. */
        HS256
    }

    String namespace = "default";
    String serviceAccount = "default";

    @Nullable
    String serviceAccountUid;

    @Nullable
    String pod = "demo";

    @Nullable
    String podUid;

    @Nullable
    String node = "node-1";

    List<String> audience = List.of(StandInApiServer.ISSUER);
    String issuer = StandInApiServer.ISSUER;
    private Duration lifetime = Duration.ofSeconds(3607);
    private boolean yearLong;
    private @Nullable Instant issuedAt;
    private @Nullable Instant notBefore;
    private @Nullable Instant expiresAt;
    private boolean withoutTimes;
    Signer signer = Signer.RS256;

    private TokenRequest() {}

    private TokenRequest(TokenRequest other) {
        this.namespace = other.namespace;
        this.serviceAccount = other.serviceAccount;
        this.serviceAccountUid = other.serviceAccountUid;
        this.pod = other.pod;
        this.podUid = other.podUid;
        this.node = other.node;
        this.audience = other.audience;
        this.issuer = other.issuer;
        this.lifetime = other.lifetime;
        this.yearLong = other.yearLong;
        this.issuedAt = other.issuedAt;
        this.notBefore = other.notBefore;
        this.expiresAt = other.expiresAt;
        this.withoutTimes = other.withoutTimes;
        this.signer = other.signer;
    }

    /** A token as projected into pod {@code demo} of service account {@code default/default}, valid for 3607 s. */
    public static TokenRequest projected() {
        return new TokenRequest();
    }

    /**
     * The token that is injected by default: {@code exp} a year ahead, {@code warnafter} at {@code iat} + 3607 s
     * (docs/api-server.md, Token claims).
     */
    public static TokenRequest injected() {
        TokenRequest request = new TokenRequest();
        request.yearLong = true;
        return request;
    }

    public TokenRequest serviceAccount(String namespace, String name) {
        return with(copy -> {
            copy.namespace = namespace;
            copy.serviceAccount = name;
        });
    }

    /** Claims this uid for the service account, instead of its real one. */
    public TokenRequest serviceAccountUid(String uid) {
        return with(copy -> copy.serviceAccountUid = uid);
    }

    /** The pod that the token is bound to; null for none. */
    public TokenRequest pod(@Nullable String name) {
        return with(copy -> copy.pod = name);
    }

    /** Claims this uid for the pod, instead of its real one. */
    public TokenRequest podUid(String uid) {
        return with(copy -> copy.podUid = uid);
    }

    /** The node that the token names; null for none. */
    public TokenRequest node(@Nullable String name) {
        return with(copy -> copy.node = name);
    }

    public TokenRequest audience(String... audience) {
        return with(copy -> copy.audience = List.of(audience));
    }

    public TokenRequest issuer(String issuer) {
        return with(copy -> copy.issuer = issuer);
    }

    /** The time from {@code iat} to {@code exp}, in whole seconds. */
    public TokenRequest lifetime(Duration lifetime) {
        return with(copy -> copy.lifetime = lifetime);
    }

    /** {@code iat}, instead of the replica's clock. Unless they are set, {@code nbf} and {@code exp} follow it. */
    public TokenRequest issuedAt(Instant instant) {
        return with(copy -> copy.issuedAt = instant);
    }

    /** {@code nbf}, instead of {@code iat}. */
    public TokenRequest notBefore(Instant instant) {
        return with(copy -> copy.notBefore = instant);
    }

    /** {@code exp}, instead of {@code iat} + lifetime. */
    public TokenRequest expiresAt(Instant instant) {
        return with(copy -> copy.expiresAt = instant);
    }

    /** Without {@code iat}, {@code nbf} and {@code exp}, like the tokens in secrets of old clusters. */
    public TokenRequest withoutTimes() {
        return with(copy -> copy.withoutTimes = true);
    }

    public TokenRequest signedBy(Signer signer) {
        return with(copy -> copy.signer = signer);
    }

    private TokenRequest with(Consumer<TokenRequest> change) {
        TokenRequest copy = new TokenRequest(this);
        change.accept(copy);
        return copy;
    }

    boolean hasTimes() {
        return !withoutTimes;
    }

    /** {@code iat} of a token that is issued at {@code now}: rounded down to whole seconds. */
    Instant issuedAtOr(Instant now) {
        return Instant.ofEpochSecond((issuedAt == null ? now : issuedAt).getEpochSecond());
    }

    Instant notBeforeOr(Instant issued) {
        return notBefore == null ? issued : notBefore;
    }

    Instant expiresAtOr(Instant issued) {
        if (expiresAt != null) {
            return expiresAt;
        }
        return issued.plus(yearLong ? Duration.ofDays(365) : lifetime);
    }

    /** {@code warnafter}; null for tokens that are not injected by default. */
    @Nullable
    Instant warnAfter(Instant issued) {
        return yearLong ? issued.plusSeconds(3607) : null;
    }
}
