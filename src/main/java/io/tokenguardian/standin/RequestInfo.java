package io.tokenguardian.standin;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a request does, in RBAC terms. The rules are the same as in the API server's {@code RequestInfoFactory}
 * (apiserver, {@code pkg/endpoints/request/requestinfo.go}).
 *
 * @param verb as in a role, such as {@code get}, {@code list} or {@code create}. For a path without a resource, the
 *     method in lower case
 * @param path without the query
 * @param group the API group; empty for the core group
 * @param resource in the plural; empty if the path has none
 * @param subresource empty for the object itself
 * @param namespace empty for all namespaces and for cluster-scoped resources
 * @param name empty for a collection
 */
public record RequestInfo(
        String verb, String path, String group, String resource, String subresource, String namespace, String name) {

    static RequestInfo of(ReceivedHead head) {
        List<String> parts = Arrays.asList(head.path().substring(1).split("/"));
        if (parts.size() >= 3 && parts.get(0).equals("api")) {
            return of(head, "", parts.subList(2, parts.size()));
        }
        if (parts.size() >= 4 && parts.get(0).equals("apis")) {
            return of(head, parts.get(1), parts.subList(3, parts.size()));
        }
        return new RequestInfo(head.method().toLowerCase(Locale.ROOT), head.path(), "", "", "", "", "");
    }

    private static RequestInfo of(ReceivedHead head, String group, List<String> parts) {
        boolean namespaced = parts.get(0).equals("namespaces") && parts.size() > 1;
        List<String> rest = namespaced && parts.size() > 2 ? parts.subList(2, parts.size()) : parts;
        String name = part(rest, 1);
        return new RequestInfo(
                verb(head, name.isEmpty()),
                head.path(),
                group,
                rest.get(0),
                part(rest, 2),
                namespaced ? parts.get(1) : "",
                name);
    }

    private static String part(List<String> parts, int index) {
        return index < parts.size() ? parts.get(index) : "";
    }

    private static String verb(ReceivedHead head, boolean collection) {
        return switch (head.method()) {
            case "POST" -> "create";
            case "GET", "HEAD" -> {
                String one = collection ? "list" : "get";
                yield head.uri().contains("watch=true") || head.uri().contains("watch=1") ? "watch" : one;
            }
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> collection ? "deletecollection" : "delete";
            default -> "";
        };
    }

    /** The resource with its subresource, as a role names it. */
    public String resourceInRole() {
        return subresource.isEmpty() ? resource : resource + "/" + subresource;
    }

    /**
     * Returns the 403 for this request (apiserver, {@code responsewriters/errors.go}; apimachinery,
     * {@code NewForbidden}).
     *
     * @param user the name of the user who lacks the permission
     */
    Response.Full forbidden(String user) {
        String who = "User \"" + user + "\" cannot " + verb;
        if (resource.isEmpty()) {
            return Response.forbidden("forbidden: " + who + " path \"" + path + "\"", Json.object());
        }
        String object =
                (group.isEmpty() ? resource : resource + "." + group) + (name.isEmpty() ? "" : " \"" + name + "\"");
        String where = namespace.isEmpty() ? "at the cluster scope" : "in the namespace \"" + namespace + "\"";
        return Response.forbidden(
                object + " is forbidden: " + who + " resource \"" + resourceInRole() + "\" in API group \"" + group
                        + "\" " + where,
                Json.details(group, resource, name.isEmpty() ? null : name));
    }
}
