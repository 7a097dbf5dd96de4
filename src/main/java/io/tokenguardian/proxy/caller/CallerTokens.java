package io.tokenguardian.proxy.caller;

import io.netty.util.AsciiString;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

public interface CallerTokens {

    /** Whether {@code authorization} contains a token that is in the file now. */
    boolean isNewest(AsciiString authorization);

    /**
     * Counts a request if its token is older than the newest token or belongs to another pod. Returns whether the API
     * server would refuse the credential, because it is an expired token of this pod.
     */
    boolean count(CharSequence authorization, @Nullable CharSequence userAgent, Instant now);
}
