package io.tokenguardian.proxy.http;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;

/** Thrown for a request that is not passed on, with the fault to respond with. Has no stack trace: it is no bug. */
public final class RequestRefusedException extends DecoderException {
    private static final long serialVersionUID = 1L;

    private final ProxyFault fault;

    public RequestRefusedException(ProxyFault fault, String detail) {
        super(detail);
        this.fault = fault;
    }

    /** The refusal in a failed result, if {@link StrictRequestDecoder} made it; else {@code MALFORMED}. */
    public static RequestRefusedException of(DecoderResult failure, String detailIfMalformed) {
        return failure.cause() instanceof RequestRefusedException refused
                ? refused
                : new RequestRefusedException(ProxyFault.MALFORMED, detailIfMalformed);
    }

    public ProxyFault fault() {
        return fault;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
