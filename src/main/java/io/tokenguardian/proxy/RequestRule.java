package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpRequest;

/** One reason for which a request may be turned away before anything is done with it. */
@FunctionalInterface
interface RequestRule {

    /**
     * Returns for a request that this rule lets pass.
     *
     * @throws RequestRefusedException with the fault to answer
     */
    void check(HttpRequest request);
}
