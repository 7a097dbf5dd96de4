package io.tokenguardian.proxy.caller;

import io.netty.handler.codec.http.HttpRequest;
import io.tokenguardian.proxy.http.FramingRule;
import java.util.List;

/** A check that may refuse a request before it is processed. */
@FunctionalInterface
public interface RequestRule {

    /**
     * Checks {@code request}. Returns normally if this rule accepts the request.
     *
     * @throws io.tokenguardian.proxy.http.RequestRefusedException if this rule refuses {@code request}; contains the
     *     fault for the response
     */
    void check(HttpRequest request);

    /**
     * Returns the rules for callers, in the order in which they are checked.
     *
     * @param hosts the names and IP addresses to accept as {@code Host}
     */
    static List<RequestRule> all(List<String> hosts) {
        return List.of(FramingRule::check, new HostRule(hosts));
    }
}
