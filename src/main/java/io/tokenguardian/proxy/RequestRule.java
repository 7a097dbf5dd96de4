package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpRequest;

/** A check that may refuse a request before anything else is done with it. */
@FunctionalInterface
interface RequestRule {

    /**
     * Returns if this rule lets {@code request} pass.
     *
     * @throws RequestRefusedException with the fault to answer, if it does not
     */
    void check(HttpRequest request);
}
