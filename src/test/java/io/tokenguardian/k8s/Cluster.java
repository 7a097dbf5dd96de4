package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The part of an API server that Helm reads before it installs anything: its version, which kinds it has, and whether
 * an object exists. It accepts no changes.
 */
final class Cluster implements AutoCloseable {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String NOT_FOUND =
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"code\":404}";

    private final HttpServer server;
    private final Map<String, JsonNode> documents = new ConcurrentHashMap<>();
    private final ArrayNode groups = JSON.arrayNode();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    /**
     * @param version the version of Kubernetes
     * @param mutationVersions the served versions of {@code MutatingAdmissionPolicy}
     */
    Cluster(String version, String... mutationVersions) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        documents.put("/version", JSON.objectNode().put("major", "1").put("gitVersion", "v" + version));
        documents.put("/api", JSON.objectNode().set("versions", JSON.arrayNode().add("v1")));
        documents.put("/apis", JSON.objectNode().set("groups", groups));
        serve("/api/v1", List.of("Pod", "ServiceAccount"));
        serveGroup("apps", Map.of("v1", List.of("Deployment")));
        serveGroup("rbac.authorization.k8s.io", Map.of("v1", List.of("Role", "RoleBinding")));
        Map<String, List<String>> admission = new ConcurrentHashMap<>(
                Map.of("v1", List.of("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")));
        for (String mutationVersion : mutationVersions) {
            List<String> kinds = List.of("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding");
            admission.merge(
                    mutationVersion,
                    kinds,
                    (some, others) -> List.of(some.get(0), some.get(1), others.get(0), others.get(1)));
        }
        serveGroup("admissionregistration.k8s.io", admission);
        server.createContext("/", this::answer);
        server.start();
    }

    private void serveGroup(String group, Map<String, List<String>> kindsByVersion) {
        ObjectNode entry = groups.addObject().put("name", group);
        kindsByVersion.forEach((version, kinds) -> {
            String groupVersion = group + "/" + version;
            entry.withArray("versions")
                    .addObject()
                    .put("groupVersion", groupVersion)
                    .put("version", version);
            serve("/apis/" + groupVersion, kinds);
        });
        entry.set("preferredVersion", entry.path("versions").path(0));
    }

    private void serve(String path, List<String> kinds) {
        ObjectNode list = JSON.objectNode().put("groupVersion", path.replaceFirst("^/apis?/", ""));
        for (String kind : kinds) {
            ObjectNode resource = list.withArray("resources").addObject();
            resource.put("kind", kind).put("name", plural(kind)).put("singularName", "");
            resource.put("namespaced", !kind.contains("AdmissionPolicy"));
            resource.putArray("verbs").add("get").add("list").add("create");
        }
        documents.put(path, list);
    }

    private static String plural(String kind) {
        String lower = kind.toLowerCase(Locale.ROOT);
        return lower.endsWith("y") ? lower.substring(0, lower.length() - 1) + "ies" : lower + "s";
    }

    /**
     * Adds the objects of {@code rendered}, as if Helm had installed them in a release with this name and namespace.
     */
    void install(String rendered, String release, String namespace) {
        for (JsonNode object : Manifests.documents(rendered)) {
            ObjectNode metadata = (ObjectNode) object.path("metadata");
            metadata.withObject("/annotations")
                    .put("meta.helm.sh/release-name", release)
                    .put("meta.helm.sh/release-namespace", namespace);
            String version = object.path("apiVersion").asText();
            documents.put(
                    (version.contains("/") ? "/apis/" : "/api/")
                            + version
                            + (metadata.has("namespace")
                                    ? "/namespaces/"
                                            + metadata.path("namespace").asText()
                                    : "")
                            + "/"
                            + plural(object.path("kind").asText())
                            + "/"
                            + metadata.path("name").asText(),
                    object);
        }
    }

    /** Returns the paths that were requested. */
    Set<String> asked() {
        return asked;
    }

    /** Returns a kubeconfig for this cluster. */
    String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                current-context: test
                clusters: [{name: test, cluster: {server: "http://127.0.0.1:%d"}}]
                contexts: [{name: test, context: {cluster: test, user: test}}]
                users: [{name: test, user: {}}]
                """.formatted(server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        JsonNode document = documents.get(exchange.getRequestURI().getPath());
        asked.add(exchange.getRequestURI().getPath());
        String body = document == null || !exchange.getRequestMethod().equals("GET") ? NOT_FOUND : document.toString();
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(body.equals(NOT_FOUND) ? 404 : 200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
