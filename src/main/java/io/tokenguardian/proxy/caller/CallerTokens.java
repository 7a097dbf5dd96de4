package io.tokenguardian.proxy.caller;

import io.netty.util.AsciiString;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Knows the tokens that callers may send. */
public interface CallerTokens {

    /** Whether {@code authorization} has a token that the file has now. */
    boolean isNewest(AsciiString authorization);

    /**
     * Counts a request, if its credential is older than {@linkplain #isNewest the newest token} or not this pod's.
     *
     * @param userAgent the header; null for none
     * @return whether the API server would refuse the credential by now: a token of this pod that has ended
     */
    boolean count(CharSequence authorization, @Nullable CharSequence userAgent, Instant now);
}
