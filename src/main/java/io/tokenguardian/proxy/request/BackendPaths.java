package io.tokenguardian.proxy.request;

import java.util.Set;

/**
 * Distinguishes the paths at which a backend may write the response, with its own 401 and its own {@code Date}, from
 * the paths at which only the API server does (docs/api-server.md, Responses of backends).
 *
 * <p>Behind {@code /apis/GROUP/VERSION} any group may be aggregated, also a built-in one, and a request does not show
 * which group is. The OpenAPI documents below {@code /openapi/v3/} come from the servers of their groups. The
 * subresource {@code proxy} leads to a pod, service or node; {@code log}, {@code exec}, {@code attach} and
 * {@code portforward} lead to a kubelet. The API server decodes a path before it reads it, so an encoded path may be
 * any of these.
 */
final class BackendPaths {

    private static final Set<String> SUBRESOURCES = Set.of("proxy", "log", "exec", "attach", "portforward");

    private BackendPaths() {}

    /**
     * Whether a backend may write the response to a request. A resource with the name of a subresource counts too.
     *
     * @param target the request target in origin form
     */
    static boolean contain(String target) {
        if (target.startsWith("/apis/") || target.startsWith("/openapi/v3/")) {
            return true;
        }
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        if (path.indexOf('%') >= 0) {
            return true;
        }
        for (String segment : path.split("/", -1)) {
            if (SUBRESOURCES.contains(segment)) {
                return true;
            }
        }
        return false;
    }
}
