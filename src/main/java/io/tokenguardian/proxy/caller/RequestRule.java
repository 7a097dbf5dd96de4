package io.tokenguardian.proxy.caller;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.tokenguardian.proxy.http.FramingRule;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.RequestRefusedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/** A check that may refuse a request before it is processed. */
@FunctionalInterface
public interface RequestRule {

    /** Throws {@link io.tokenguardian.proxy.http.RequestRefusedException} if this rule refuses {@code request}. */
    void check(HttpRequest request);

    /** The rules for other programs, in the order in which they are checked. */
    static List<RequestRule> all(List<String> hosts) {
        return List.of(FramingRule::check, new HostRule(hosts));
    }

    /**
     * The rules for the program's own Kubernetes client.
     *
     * @param credential the required value of {@code Proxy-Authorization}
     */
    static List<RequestRule> ofOwnClient(String credential) {
        byte[] expected = credential.getBytes(StandardCharsets.US_ASCII);
        return List.of(FramingRule::check, request -> {
            String sent = request.headers().get(HttpHeaderNames.PROXY_AUTHORIZATION, "");
            if (!MessageDigest.isEqual(sent.getBytes(StandardCharsets.UTF_8), expected)) {
                throw new RequestRefusedException(
                        ProxyFault.AUTHORIZATION_REFUSED, "this listener is for the guardian itself");
            }
        });
    }
}
