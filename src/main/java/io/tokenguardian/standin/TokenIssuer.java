package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Issues tokens as a replica does for a TokenRequest. {@code iat} and {@code nbf} are the replica's time, rounded down
 * to whole seconds (docs/api-server.md, Token validity). Creates the service accounts and pods in the spec if they
 * don't exist.
 */
final class TokenIssuer {

    private final ObjectStore objects;

    TokenIssuer(ObjectStore objects) {
        this.objects = objects;
    }

    /** Issues a token at time {@code now}, and returns its text. */
    String issue(TokenSpec spec, Instant now) {
        try {
            JWSObject jws = new JWSObject(header(spec.signer), new Payload(claims(spec, now)));
            jws.sign(signer(spec.signer));
            return jws.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("can't create the token", e);
        }
    }

    private static JWSHeader header(TokenSpec.Signer signer) {
        SigningKey key = SigningKey.of(signer);
        JWSAlgorithm algorithm = signer == TokenSpec.Signer.HS256 ? JWSAlgorithm.HS256 : key.algorithm();
        return new JWSHeader.Builder(algorithm).keyID(key.keyId()).build();
    }

    private static JWSSigner signer(TokenSpec.Signer signer) throws JOSEException {
        if (signer != TokenSpec.Signer.HS256) {
            return SigningKey.of(signer).signer();
        }
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return new MACSigner(secret);
    }

    private Map<String, Object> claims(TokenSpec spec, Instant now) {
        Instant issued = spec.issuedAtOr(now);
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("aud", spec.audience);
        if (spec.hasTimes()) {
            claims.put("exp", spec.expiresAtOr(issued).getEpochSecond());
            claims.put("iat", issued.getEpochSecond());
        }
        claims.put("iss", spec.issuer);
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("kubernetes.io", kubernetes(spec, issued));
        if (spec.hasTimes()) {
            claims.put("nbf", spec.notBeforeOr(issued).getEpochSecond());
        }
        claims.put("sub", "system:serviceaccount:" + spec.namespace + ":" + spec.serviceAccount);
        return claims;
    }

    private Map<String, Object> kubernetes(TokenSpec spec, Instant issued) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("namespace", spec.namespace);
        if (spec.node != null) {
            claims.put("node", reference(spec.node, null, StandInApiServer.uidOf("node", spec.node)));
        }
        if (spec.pod != null) {
            String uid = objects.uidOfOrCreate(ResourceType.PODS, spec.namespace, spec.pod, pod -> {
                pod.withObject("/spec")
                        .put("serviceAccountName", spec.serviceAccount)
                        .put("nodeName", spec.node);
                // As the API server's admission adds them.
                pod.withObject("/spec")
                        .withArray("/volumes")
                        .addObject()
                        .put("name", "kube-api-access")
                        .withObject("/projected")
                        .withArray("/sources")
                        .addObject()
                        .putObject("serviceAccountToken")
                        .put("expirationSeconds", ObjectEndpoint.EXTENDED_LIFETIME)
                        .put("path", "token");
                ObjectNode main = pod.withObject("/spec")
                        .withArray("/containers")
                        .addObject()
                        .put("name", "main")
                        .put("image", "demo");
                main.withArray("/volumeMounts")
                        .addObject()
                        .put("name", "kube-api-access")
                        .put("mountPath", "/var/run/secrets/kubernetes.io/serviceaccount");
                pod.withObject("/status").put("phase", "Running");
            });
            claims.put("pod", reference(spec.pod, spec.podUid, uid));
        }
        String uid = objects.uidOfOrCreate(
                ResourceType.SERVICE_ACCOUNTS, spec.namespace, spec.serviceAccount, account -> {});
        claims.put("serviceaccount", reference(spec.serviceAccount, spec.serviceAccountUid, uid));
        Instant warnAfter = spec.warnAfter(issued);
        if (warnAfter != null) {
            claims.put("warnafter", warnAfter.getEpochSecond());
        }
        return claims;
    }

    private static Map<String, Object> reference(String name, @Nullable String claimedUid, String uid) {
        return Map.of("name", name, "uid", claimedUid == null ? uid : claimedUid);
    }
}
