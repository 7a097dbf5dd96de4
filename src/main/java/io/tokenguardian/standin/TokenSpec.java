package io.tokenguardian.standin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a token to be issued. Immutable: each method returns a changed copy. By default, the token is valid
 * and resembles kubelet's tokens. A single call can make it invalid in one respect.
 */
public final class TokenSpec {

    /** The key that signs the token. */
    public enum Signer {
        /** The server's RS256 key. */
        RS256,
        /** The server's ES256 key. */
        ES256,
        /** An RS256 key that a replica accepts only if {@link Replica#serviceAccountKeys} sets it. */
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

    private TokenSpec() {}

    private TokenSpec(TokenSpec other) {
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

    /**
     * Returns a token for pod {@code demo} and service account {@code default/default}. It is valid for 3607 s, like a
     * token from a server that does not extend injected tokens.
     */
    public static TokenSpec unextended() {
        return new TokenSpec();
    }

    /**
     * Returns the token that a server injects by default: {@code exp} a year ahead, {@code warnafter} at {@code iat} +
     * 3607 s (docs/api-server.md, Token claims).
     */
    public static TokenSpec extended() {
        TokenSpec spec = new TokenSpec();
        spec.yearLong = true;
        return spec;
    }

    public TokenSpec serviceAccount(String namespace, String name) {
        return with(copy -> {
            copy.namespace = namespace;
            copy.serviceAccount = name;
        });
    }

    /** Puts this uid into the token instead of the service account's real uid. */
    public TokenSpec serviceAccountUid(String uid) {
        return with(copy -> copy.serviceAccountUid = uid);
    }

    /** Sets the pod to which the token is bound; null for none. */
    public TokenSpec pod(@Nullable String name) {
        return with(copy -> copy.pod = name);
    }

    /** Puts this uid into the token instead of the pod's real uid. */
    public TokenSpec podUid(String uid) {
        return with(copy -> copy.podUid = uid);
    }

    /** Sets the node that the token names; null for none. */
    public TokenSpec node(@Nullable String name) {
        return with(copy -> copy.node = name);
    }

    public TokenSpec audience(String... audience) {
        return with(copy -> copy.audience = List.of(audience));
    }

    public TokenSpec issuer(String issuer) {
        return with(copy -> copy.issuer = issuer);
    }

    /** Sets the time from {@code iat} to {@code exp}, in whole seconds. */
    public TokenSpec lifetime(Duration lifetime) {
        return with(copy -> copy.lifetime = lifetime);
    }

    /**
     * Sets {@code iat} (the replica's time by default). {@code nbf} and {@code exp} follow it unless they are set
     * explicitly.
     */
    public TokenSpec issuedAt(Instant instant) {
        return with(copy -> copy.issuedAt = instant);
    }

    /** Sets {@code nbf} (equal to {@code iat} by default). */
    public TokenSpec notBefore(Instant instant) {
        return with(copy -> copy.notBefore = instant);
    }

    /** Sets {@code exp} ({@code iat} + lifetime by default). */
    public TokenSpec expiresAt(Instant instant) {
        return with(copy -> copy.expiresAt = instant);
    }

    /** Removes {@code iat}, {@code nbf} and {@code exp}, as in the token secrets of old clusters. */
    public TokenSpec withoutTimes() {
        return with(copy -> copy.withoutTimes = true);
    }

    public TokenSpec signedBy(Signer signer) {
        return with(copy -> copy.signer = signer);
    }

    private TokenSpec with(Consumer<TokenSpec> change) {
        TokenSpec copy = new TokenSpec(this);
        change.accept(copy);
        return copy;
    }

    boolean hasTimes() {
        return !withoutTimes;
    }

    /** Returns the {@code iat} of a token that is issued at {@code now}, rounded down to whole seconds. */
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

    /** Returns {@code warnafter}; null for a token that is not injected by default. */
    @Nullable
    Instant warnAfter(Instant issued) {
        return yearLong ? issued.plusSeconds(3607) : null;
    }
}
