package io.tokenguardian.proxy.caller;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.proxy.http.HeaderList;
import io.tokenguardian.proxy.http.RequestRefusedException;
import io.tokenguardian.proxy.request.CredentialPolicy;
import io.tokenguardian.proxy.request.RequestContext;
import io.tokenguardian.proxy.request.RequestCounters;
import io.tokenguardian.proxy.request.UpstreamRequest;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * The objects that all callers of a listener share, on every event loop.
 *
 * @param rules the rules that each request has to pass, in order
 * @param headBudget has a permit for each further byte that the headers of all requests in progress may take
 */
public record CallerContext(
        RequestContext requests,
        List<RequestRule> rules,
        CredentialPolicy policy,
        CallerTokens tokens,
        Semaphore headBudget) {

    RequestCounters counters() {
        return requests.counters();
    }

    BufferShare share() {
        return requests.upstreams().share();
    }

    public CallerContext withRules(List<RequestRule> others) {
        return new CallerContext(requests, others, policy, tokens, headBudget);
    }

    /** Builds the headers for the API server. Throws {@link RequestRefusedException} if a rule refuses the request. */
    UpstreamRequest admit(HttpRequest request) {
        for (RequestRule rule : rules) {
            rule.check(request);
        }
        return UpstreamRequest.of(request, policy, requests.upstreams().hostHeader(), isTokenEnded(request.headers()));
    }

    /** Runs for each request. If the caller sends the newest token or no token, this only compares bytes. */
    private boolean isTokenEnded(HttpHeaders headers) {
        AsciiString authorization = HeaderList.value(headers, HttpHeaderNames.AUTHORIZATION);
        return authorization != null
                && !policy.refuses()
                && !tokens.isNewest(authorization)
                && tokens.count(
                        authorization,
                        HeaderList.value(headers, HttpHeaderNames.USER_AGENT),
                        requests.upstreams().timeline().instant());
    }
}
