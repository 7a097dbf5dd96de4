package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;

/**
 * Netty's response encoder, told per answer whether it is one to HEAD, which has a body's headers but no body. Netty
 * by itself would leave out the body of a 205, whose head announces it all the same.
 */
final class CallerResponseEncoder extends HttpResponseEncoder {

    private boolean answersHead;

    void answersHead(boolean yes) {
        answersHead = yes;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        int status = response.status().code();
        return answersHead
                || response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                || status == 204
                || status == 304;
    }

    /** What the API server says goes through as it is. */
    @Override
    protected void sanitizeHeadersBeforeEncode(HttpResponse response, boolean isAlwaysEmpty) {}
}
