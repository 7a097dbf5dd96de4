package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Serves {@code /api}, {@code /apis} and the paths below them, which list the versions, groups and resources of a
 * server that provides all reviews.
 */
final class DiscoveryEndpoint implements Endpoint {

    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    /** The address that each replica advertises. For clients, it is purely informational. */
    static final String ADVERTISED = "192.0.2.1:6443";

    @Override
    public Optional<Response> answer(ApiRequest request) {
        if (!request.path().startsWith("/api")) {
            return Optional.empty();
        }
        String[] parts = request.path().substring(1).split("/", -1);
        Optional<ObjectNode> found = Optional.empty();
        if (parts[0].equals("api")) {
            found = switch (parts.length) {
                case 1 -> Optional.of(versions());
                case 2 -> resources("", parts[1]);
                default -> Optional.empty();
            };
        } else if (parts[0].equals("apis")) {
            found = switch (parts.length) {
                case 1 -> Optional.of(groups());
                case 2 ->
                    groupNames().contains(parts[1])
                            ? Optional.of(Json.object()
                                    .put("kind", "APIGroup")
                                    .put("apiVersion", "v1")
                                    .setAll(group(parts[1])))
                            : Optional.empty();
                case 3 -> resources(parts[1], parts[2]);
                default -> Optional.empty();
            };
        }
        if (found.isPresent() && !request.isGetOrHead()) {
            throw StatusException.notAllowed();
        }
        return found.map(body -> Response.json(200, body));
    }

    /**
     * Whether the server serves the path's API group. If so, the response for a missing resource is a {@code Status}.
     */
    static boolean isServed(String path) {
        String[] parts = path.substring(1).split("/", -1);
        return parts[0].equals("api")
                ? parts.length > 2 && parts[1].equals("v1")
                : parts[0].equals("apis") && parts.length > 2 && groupNames().contains(parts[1]);
    }

    private static Set<String> groupNames() {
        Set<String> names = new TreeSet<>(List.of("authentication.k8s.io", "authorization.k8s.io"));
        ResourceType.ALL.stream()
                .map(ResourceType::group)
                .filter(group -> !group.isEmpty())
                .forEach(names::add);
        return names;
    }

    private static ObjectNode versions() {
        ObjectNode body = Json.object();
        body.put("kind", "APIVersions").putArray("versions").add("v1");
        body.putArray("serverAddressByClientCIDRs")
                .addObject()
                .put("clientCIDR", "0.0.0.0/0")
                .put("serverAddress", ADVERTISED);
        return body;
    }

    private static ObjectNode groups() {
        ObjectNode body = Json.object();
        body.put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = body.putArray("groups");
        groupNames().forEach(name -> groups.add(group(name)));
        return body;
    }

    private static ObjectNode group(String name) {
        ObjectNode group = Json.object();
        group.put("name", name);
        ObjectNode version = Json.object();
        version.put("groupVersion", name + "/v1").put("version", "v1");
        group.putArray("versions").add(version);
        group.set("preferredVersion", version);
        return group;
    }

    private static Optional<ObjectNode> resources(String group, String version) {
        if (!version.equals("v1") || !(group.isEmpty() || groupNames().contains(group))) {
            return Optional.empty();
        }
        ObjectNode body = Json.object();
        body.put("kind", "APIResourceList").put("apiVersion", "v1");
        body.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
        ArrayNode resources = body.putArray("resources");
        ResourceType.in(group, version)
                .forEach(type -> add(resources, type.plural(), type.kind(), type.namespaced(), VERBS));
        switch (group) {
            case "" -> {
                add(resources, "pods/exec", "PodExecOptions", true, List.of("create", "get"));
                add(resources, "pods/attach", "PodAttachOptions", true, List.of("create", "get"));
                add(resources, "pods/portforward", "PodPortForwardOptions", true, List.of("create", "get"));
                add(resources, "pods/log", "Pod", true, List.of("get"));
                add(resources, "pods/status", "Pod", true, List.of("get", "patch", "update"));
            }
            case "authentication.k8s.io" ->
                add(resources, "selfsubjectreviews", "SelfSubjectReview", false, List.of("create"));
            case "authorization.k8s.io" ->
                add(resources, "selfsubjectaccessreviews", "SelfSubjectAccessReview", false, List.of("create"));
            default -> {}
        }
        return Optional.of(body);
    }

    private static void add(ArrayNode resources, String name, String kind, boolean namespaced, List<String> verbs) {
        ObjectNode resource = resources.addObject();
        resource.put("name", name)
                .put("singularName", "")
                .put("namespaced", namespaced)
                .put("kind", kind);
        verbs.forEach(resource.putArray("verbs")::add);
    }
}
