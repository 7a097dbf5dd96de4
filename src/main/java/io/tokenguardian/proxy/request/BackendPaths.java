package io.tokenguardian.proxy.request;

import java.util.Set;

/**
 * Recognizes the paths for which a backend may write the response, which then has the backend's own 401 and
 * {@code Date}. For all other paths, only the API server writes the response (docs/api-server.md, Responses of
 * backends).
 *
 * <p>Any group below {@code /apis/GROUP/VERSION} may be aggregated, even a built-in group, and a request does not show
 * which groups are aggregated. The OpenAPI documents below {@code /openapi/v3/} come from the servers of their groups.
 * The subresource {@code proxy} leads to a pod, service or node; {@code log}, {@code exec}, {@code attach} and
 * {@code portforward} lead to a kubelet. The API server decodes a path before it interprets it, so an encoded path may
 * be any of these paths.
 */
final class BackendPaths {

    private static final Set<String> SUBRESOURCES = Set.of("proxy", "log", "exec", "attach", "portforward");

    private BackendPaths() {}

    /**
     * Whether a backend may write the response to a request. Also true if a resource has the name of one of these
     * subresources.
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
