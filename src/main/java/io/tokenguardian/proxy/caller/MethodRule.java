package io.tokenguardian.proxy.caller;

import com.google.re2j.Pattern;
import io.netty.handler.codec.http.HttpRequest;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.RequestRefusedException;
import java.util.List;

/** The rule {@code reject-methods}. A pattern may match anywhere in the method's name, as in kubectl proxy. */
final class MethodRule implements RequestRule {

    private final List<Pattern> rejected;

    MethodRule(List<Pattern> rejected) {
        this.rejected = rejected;
    }

    @Override
    public void check(HttpRequest request) {
        String method = request.method().name();
        if (rejected.stream().anyMatch(pattern -> pattern.matcher(method).find())) {
            throw new RequestRefusedException(ProxyFault.METHOD_REFUSED, "reject-methods matches it");
        }
    }
}
