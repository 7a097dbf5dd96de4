package io.tokenguardian.proxy.request;

import java.util.Set;

/**
 * Recognizes the paths for which a backend may write the response, with the backend's own 401 and {@code Date}
 * (docs/api-server.md, Responses of backends). A request does not show which groups below {@code /apis/} are
 * aggregated. The documents below {@code /openapi/v3/} come from the servers of their groups. The API server decodes a
 * path before it interprets it, so an encoded path may be any of these paths.
 */
final class BackendPaths {

    private static final Set<String> SUBRESOURCES = Set.of("proxy", "log", "exec", "attach", "portforward");

    private BackendPaths() {}

    /**
     * Also true if a resource has the name of one of these subresources.
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
