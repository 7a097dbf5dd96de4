package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;

/** Records that a replica refuses {@code token} as not yet valid, until {@code crossing}. */
record EarlyRefusal(Token token, Crossing crossing) {}
