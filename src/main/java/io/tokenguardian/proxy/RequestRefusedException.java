package io.tokenguardian.proxy;

import io.netty.handler.codec.DecoderException;

/** Thrown for a request that is not passed on, with the fault to answer. Has no stack trace, since it is no bug. */
final class RequestRefusedException extends DecoderException {
    private static final long serialVersionUID = 1L;

    private final ProxyFault fault;

    RequestRefusedException(ProxyFault fault, String detail) {
        super(detail);
        this.fault = fault;
    }

    ProxyFault fault() {
        return fault;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
