package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;

/**
 * Encodes responses as Netty does, with two differences. A response to HEAD has the headers of a body, but no body. A
 * 205 keeps the body that its head announces, which Netty would omit.
 */
final class CallerResponseEncoder extends HttpResponseEncoder {

    private boolean toHead;

    /** Sets whether the next response is to a HEAD request. */
    void toHead(boolean yes) {
        toHead = yes;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        int status = response.status().code();
        return toHead
                || response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                || status == 204
                || status == 304;
    }

    /** Does nothing: the API server's headers go through unchanged. */
    @Override
    protected void sanitizeHeadersBeforeEncode(HttpResponse response, boolean isAlwaysEmpty) {}
}
