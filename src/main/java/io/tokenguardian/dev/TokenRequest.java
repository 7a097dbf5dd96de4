package io.tokenguardian.dev;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of a token to issue. Immutable: each method returns a changed copy. By default all values are those of a
 * valid token as kubelet gets it, so that each cause of a refusal takes only one call.
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

    private String namespace = "default";
    private String serviceAccount = "default";
    private @Nullable String serviceAccountUid;
    private @Nullable String pod = "demo";
    private @Nullable String podUid;
    private @Nullable String node = "node-1";
    private List<String> audience = List.of(StandInApiServer.ISSUER);
    private String issuer = StandInApiServer.ISSUER;
    private Duration lifetime = Duration.ofSeconds(3607);
    private boolean yearLong;
    private @Nullable Instant issuedAt;
    private @Nullable Instant notBefore;
    private @Nullable Instant expiresAt;
    private boolean withoutTimes;
    private Signer signer = Signer.RS256;

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
        TokenRequest next = new TokenRequest(this);
        next.namespace = namespace;
        next.serviceAccount = name;
        return next;
    }

    /** Claims this uid for the service account, instead of its real one. */
    public TokenRequest serviceAccountUid(String uid) {
        TokenRequest next = new TokenRequest(this);
        next.serviceAccountUid = uid;
        return next;
    }

    /** The pod that the token is bound to; null for none. */
    public TokenRequest pod(@Nullable String name) {
        TokenRequest next = new TokenRequest(this);
        next.pod = name;
        return next;
    }

    /** Claims this uid for the pod, instead of its real one. */
    public TokenRequest podUid(String uid) {
        TokenRequest next = new TokenRequest(this);
        next.podUid = uid;
        return next;
    }

    /** The node that the token names; null for none. */
    public TokenRequest node(@Nullable String name) {
        TokenRequest next = new TokenRequest(this);
        next.node = name;
        return next;
    }

    public TokenRequest audience(String... audience) {
        TokenRequest next = new TokenRequest(this);
        next.audience = List.of(audience);
        return next;
    }

    public TokenRequest issuer(String issuer) {
        TokenRequest next = new TokenRequest(this);
        next.issuer = issuer;
        return next;
    }

    /** The time from {@code iat} to {@code exp}, in whole seconds. */
    public TokenRequest lifetime(Duration lifetime) {
        TokenRequest next = new TokenRequest(this);
        next.lifetime = lifetime;
        return next;
    }

    /** {@code iat}, instead of the replica's clock. Unless they are set, {@code nbf} and {@code exp} follow it. */
    public TokenRequest issuedAt(Instant instant) {
        TokenRequest next = new TokenRequest(this);
        next.issuedAt = instant;
        return next;
    }

    /** {@code nbf}, instead of {@code iat}. */
    public TokenRequest notBefore(Instant instant) {
        TokenRequest next = new TokenRequest(this);
        next.notBefore = instant;
        return next;
    }

    /** {@code exp}, instead of {@code iat} + lifetime. */
    public TokenRequest expiresAt(Instant instant) {
        TokenRequest next = new TokenRequest(this);
        next.expiresAt = instant;
        return next;
    }

    /** Without {@code iat}, {@code nbf} and {@code exp}, like the tokens in secrets of old clusters. */
    public TokenRequest withoutTimes() {
        TokenRequest next = new TokenRequest(this);
        next.withoutTimes = true;
        return next;
    }

    public TokenRequest signedBy(Signer signer) {
        TokenRequest next = new TokenRequest(this);
        next.signer = signer;
        return next;
    }

    String namespace() {
        return namespace;
    }

    String serviceAccount() {
        return serviceAccount;
    }

    @Nullable
    String serviceAccountUid() {
        return serviceAccountUid;
    }

    @Nullable
    String pod() {
        return pod;
    }

    @Nullable
    String podUid() {
        return podUid;
    }

    @Nullable
    String node() {
        return node;
    }

    List<String> audience() {
        return audience;
    }

    String issuer() {
        return issuer;
    }

    Signer signer() {
        return signer;
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
