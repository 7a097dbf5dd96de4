package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;

/** Records that a replica refuses {@code token} as not yet valid, until {@code crossing}. */
record EarlyRefusal(Token token, Crossing crossing) {

    /** The refusal by the same replica that says more: what both say, or the newer one if that is of another token. */
    EarlyRefusal narrowedBy(EarlyRefusal newer) {
        return token.equals(newer.token) ? new EarlyRefusal(token, crossing.narrowedBy(newer.crossing)) : newer;
    }
}
