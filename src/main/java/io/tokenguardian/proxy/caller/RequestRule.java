package io.tokenguardian.proxy.caller;

import io.netty.handler.codec.http.HttpRequest;
import io.tokenguardian.proxy.http.FramingRule;
import java.util.ArrayList;
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
     * Returns the rules that the settings define, in the order in which they are checked.
     *
     * @param ownHosts hosts to accept in addition to those in the settings
     */
    static List<RequestRule> all(RuleSettings settings, List<String> ownHosts) {
        List<RequestRule> rules = new ArrayList<>();
        rules.add(FramingRule::check);
        rules.add(new HostRule(settings.acceptHosts(), ownHosts));
        if (!settings.rejectMethods().isEmpty()) {
            rules.add(new MethodRule(settings.rejectMethods()));
        }
        if (!PathRule.letsAllPass(settings.acceptPaths(), settings.rejectPaths())) {
            rules.add(new PathRule(settings.acceptPaths(), settings.rejectPaths()));
        }
        return List.copyOf(rules);
    }
}
