package io.tokenguardian.standin;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/**
 * A key that signs service-account tokens. Its {@code kid} is base64url(sha256(DER of the public key)), as in the real
 * server's tokens (docs/api-server.md, Token claims).
 */
record SigningKey(JWSAlgorithm algorithm, JWK publicJwk, JWSSigner signer, JWSVerifier verifier) {

    /**
     * The keys of all stand-ins in this process. They are shared because creating an RSA key takes longer than all
     * other startup steps combined.
     */
    private static final class Shared {
        static final SigningKey RSA = rsa();
        static final SigningKey ELLIPTIC = elliptic();
        static final SigningKey UNKNOWN = rsa();

        private Shared() {}
    }

    /**
     * Returns the key for {@code signer}. A shared secret has no key of this type; tokens signed with it carry the
     * RS256 key's {@code kid}.
     */
    static SigningKey of(TokenSpec.Signer signer) {
        return switch (signer) {
            case RS256, HS256 -> Shared.RSA;
            case ES256 -> Shared.ELLIPTIC;
            case UNKNOWN_KEY -> Shared.UNKNOWN;
        };
    }

    String keyId() {
        return publicJwk.getKeyID();
    }

    private static SigningKey rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair keys = generator.generateKeyPair();
            RSAPublicKey publicKey = (RSAPublicKey) keys.getPublic();
            RSAKey jwk = new RSAKey.Builder(publicKey)
                    .keyID(keyId(publicKey))
                    .algorithm(JWSAlgorithm.RS256)
                    .keyUse(KeyUse.SIGNATURE)
                    .build();
            return new SigningKey(
                    JWSAlgorithm.RS256, jwk, new RSASSASigner(keys.getPrivate()), new RSASSAVerifier(publicKey));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("can't create an RSA key", e);
        }
    }

    private static SigningKey elliptic() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(Curve.P_256.toECParameterSpec());
            KeyPair keys = generator.generateKeyPair();
            ECPublicKey publicKey = (ECPublicKey) keys.getPublic();
            ECKey jwk = new ECKey.Builder(Curve.P_256, publicKey)
                    .keyID(keyId(publicKey))
                    .algorithm(JWSAlgorithm.ES256)
                    .keyUse(KeyUse.SIGNATURE)
                    .build();
            return new SigningKey(
                    JWSAlgorithm.ES256,
                    jwk,
                    new ECDSASigner((ECPrivateKey) keys.getPrivate()),
                    new ECDSAVerifier(publicKey));
        } catch (GeneralSecurityException | JOSEException e) {
            throw new IllegalStateException("can't create an EC key", e);
        }
    }

    private static String keyId(PublicKey key) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    }
}
