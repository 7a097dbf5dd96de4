package io.tokenguardian.proxy.upstream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** What the API server's responses have shown about how it responds. */
final class ServerTraits {

    /** Whether {@code GET /version} proves nothing, because an acceptance had no mark. */
    private boolean unmarkedAcceptance;

    private boolean marks;

    /** The {@code Content-Length} of the latest 401 that was the API server's own. */
    private @Nullable String own401Length;

    /** Whether an acceptance has had the mark. A response without it may then be a gateway's. */
    boolean marksResponses() {
        return marks;
    }

    /** Whether only a {@code SelfSubjectReview} proves that a token is accepted. */
    boolean needsReview() {
        return unmarkedAcceptance && !marks;
    }

    /** Whether this 401 is as long as the latest that was the API server's own. */
    boolean isAsLongAsOwn(HttpResponse response) {
        return own401Length != null && own401Length.equals(response.headers().get(HttpHeaderNames.CONTENT_LENGTH));
    }

    void onAcceptance(boolean marked) {
        marks |= marked;
    }

    void onUnmarkedAcceptance() {
        unmarkedAcceptance = true;
    }

    void noteOwn401(HttpResponse response) {
        own401Length = response.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    }
}
