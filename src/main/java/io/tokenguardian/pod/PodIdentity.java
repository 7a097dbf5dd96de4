package io.tokenguardian.pod;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.TokenClaims;
import java.util.Optional;

/** The pod to which a token is bound, according to the token's claims. */
record PodIdentity(String namespace, String name, String uid) {

    /** Returns the pod; empty without a token, or if the token is not bound to a pod. */
    static Optional<PodIdentity> of(TokenStatus tokenStatus) {
        if (tokenStatus.token() == null) {
            return Optional.empty();
        }
        TokenClaims claims = tokenStatus.token().claims();
        TokenClaims.Reference pod = claims.pod();
        if (claims.namespace() == null || pod == null || pod.name() == null || pod.uid() == null) {
            return Optional.empty();
        }
        return Optional.of(new PodIdentity(claims.namespace(), pod.name(), pod.uid()));
    }
}
