package io.tokenguardian.gate;

import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.TokenClaims;
import java.util.Optional;

/** The pod that a token is bound to, as its claims name it. */
record PodIdentity(String namespace, String name, String uid) {

    /** Empty when there is no token, or when it is bound to no pod. */
    static Optional<PodIdentity> of(Situation situation) {
        if (situation.token() == null) {
            return Optional.empty();
        }
        TokenClaims claims = situation.token().token().claims();
        TokenClaims.Reference pod = claims.pod();
        if (claims.namespace() == null || pod == null || pod.name() == null || pod.uid() == null) {
            return Optional.empty();
        }
        return Optional.of(new PodIdentity(claims.namespace(), pod.name(), pod.uid()));
    }
}
