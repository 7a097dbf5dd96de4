package io.tokenguardian.proxy.http;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;

/** Thrown if a request is not passed on. Has no stack trace, because it does not indicate a bug. */
public final class RequestRefusedException extends DecoderException {
    private static final long serialVersionUID = 1L;

    private final ProxyFault fault;

    public RequestRefusedException(ProxyFault fault, String detail) {
        super(detail);
        this.fault = fault;
    }

    public static RequestRefusedException malformed(String detail) {
        return new RequestRefusedException(ProxyFault.MALFORMED, detail);
    }

    /** Returns the refusal in a failed result of Netty's decoder, or else a {@code MALFORMED} refusal. */
    static RequestRefusedException of(DecoderResult failure) {
        return failure.cause() instanceof RequestRefusedException refused ? refused : malformed("it can't be parsed");
    }

    public ProxyFault fault() {
        return fault;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
