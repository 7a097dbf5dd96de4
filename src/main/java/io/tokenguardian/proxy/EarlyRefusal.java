package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;

/** Records that a replica refuses {@code token} as not yet valid, until {@code validityStart}. */
record EarlyRefusal(Token token, ValidityStart validityStart) {

    /** Combines this with a newer refusal by the same replica. If that is of another token, it is the result. */
    EarlyRefusal narrowedBy(EarlyRefusal newer) {
        return token.equals(newer.token)
                ? new EarlyRefusal(token, validityStart.narrowedBy(newer.validityStart))
                : newer;
    }
}
