package io.tokenguardian.proxy;

import io.tokenguardian.token.Token;

/** That a replica refuses {@code token} until {@code crossing}. */
record Refusal(Token token, Crossing crossing) {}
