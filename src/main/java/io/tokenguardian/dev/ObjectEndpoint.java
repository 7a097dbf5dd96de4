package io.tokenguardian.dev;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.token.Token;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Creates, reads, lists, replaces, patches, deletes and watches the objects in memory. */
final class ObjectEndpoint implements Endpoint {

    /** A list as JSON, valid until an object changes. Writing a large list takes long. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
    private record CachedList(ResourcePath path, String selectors, long version, byte[] body) {}

    private final ObjectStore objects;
    private final TokenIssuer issuer;
    private final ReplicaClock clock;
    private volatile @Nullable CachedList lastList;

    ObjectEndpoint(ObjectStore objects, TokenIssuer issuer, ReplicaClock clock) {
        this.objects = objects;
        this.issuer = issuer;
        this.clock = clock;
    }

    @Override
    public Optional<Response> answer(ApiRequest request) {
        return ResourcePath.parse(request.path()).flatMap(path -> {
            String subresource = path.subresource();
            if ("token".equals(subresource) && path.type().equals(ResourceType.SERVICE_ACCOUNTS)) {
                return Optional.of(token(request, path));
            }
            if (subresource != null && !subresource.equals("status")) {
                return Optional.empty();
            }
            return Optional.of(path.name() == null ? collection(request, path) : single(request, path, path.name()));
        });
    }

    private Response collection(ApiRequest request, ResourcePath path) {
        return switch (request.method()) {
            case "GET", "HEAD" -> request.isTrue("watch") ? watch(request, path) : list(request, path);
            case "POST" -> Response.json(201, objects.create(path.type(), namespace(path), Json.parse(request.body())));
            case "DELETE" -> deleteCollection(request, path);
            default -> throw StatusException.notAllowed();
        };
    }

    private Response single(ApiRequest request, ResourcePath path, String name) {
        ResourceType type = path.type();
        String namespace = namespace(path);
        return switch (request.method()) {
            case "GET", "HEAD" -> {
                ObjectNode found = objects.get(type, namespace, name);
                if (found == null) {
                    throw StatusException.notFound(type, name);
                }
                yield request.isTrue("watch") ? watch(request, path) : Response.json(200, found);
            }
            case "PUT" -> Response.json(200, objects.replace(type, namespace, name, Json.parse(request.body())));
            case "PATCH" -> Response.json(200, objects.patch(type, namespace, name, Json.parse(request.body())));
            case "DELETE" -> Response.json(200, objects.delete(type, namespace, name));
            default -> throw StatusException.notAllowed();
        };
    }

    private Response list(ApiRequest request, ResourcePath path) {
        String selectors = request.parameter("labelSelector") + "/" + request.parameter("fieldSelector");
        long version = objects.version();
        CachedList cached = lastList;
        if (cached != null
                && cached.version() == version
                && cached.path().equals(path)
                && cached.selectors().equals(selectors)) {
            return Response.json(200, cached.body());
        }
        ObjectNode list = Json.object();
        list.put("kind", path.type().kind() + "List")
                .put("apiVersion", path.type().apiVersion());
        list.putObject("metadata").put("resourceVersion", Long.toString(version));
        ArrayNode items = list.putArray("items");
        selected(request, path).forEach(items::add);
        byte[] body = Json.bytes(list);
        lastList = new CachedList(path, selectors, version, body);
        return Response.json(200, body);
    }

    private List<ObjectNode> selected(ApiRequest request, ResourcePath path) {
        Selector selector = Selector.of(request, path.name());
        return objects.list(path.type(), path.namespace()).stream()
                .filter(selector::matches)
                .toList();
    }

    private Response deleteCollection(ApiRequest request, ResourcePath path) {
        ObjectNode list = Json.object();
        list.put("kind", path.type().kind() + "List")
                .put("apiVersion", path.type().apiVersion());
        list.putObject("metadata").put("resourceVersion", Long.toString(objects.version()));
        ArrayNode items = list.putArray("items");
        for (ObjectNode object : selected(request, path)) {
            items.add(objects.delete(
                    path.type(),
                    object.path("metadata").path("namespace").asText(),
                    object.path("metadata").path("name").asText()));
        }
        return Response.json(200, list);
    }

    private Response watch(ApiRequest request, ResourcePath path) {
        String since = request.parameter("resourceVersion");
        long version;
        try {
            version = since == null || since.isEmpty() ? 0 : Long.parseLong(since);
        } catch (NumberFormatException e) {
            throw StatusException.badRequest("resourceVersion: Invalid value: must be a number");
        }
        Selector selector = Selector.of(request, path.name());
        return Response.jsonStream(sink -> objects.watch(path.type(), path.namespace(), version, event -> {
            if (event.path("object") instanceof ObjectNode object && selector.matches(object)) {
                sink.accept(event);
            }
        }));
    }

    /** Answers a TokenRequest, which kubelet sends. The token is stamped by this replica's clock. */
    private Response token(ApiRequest request, ResourcePath path) {
        if (!request.method().equals("POST")) {
            throw StatusException.notAllowed();
        }
        ObjectNode asked = Json.parse(request.body());
        TokenRequest wish = TokenRequest.projected()
                .serviceAccount(namespace(path), String.valueOf(path.name()))
                .pod(null)
                .node(null);
        if (asked.path("spec").path("audiences") instanceof ArrayNode audiences && !audiences.isEmpty()) {
            String[] audience = new String[audiences.size()];
            for (int i = 0; i < audience.length; i++) {
                audience[i] = audiences.get(i).asText();
            }
            wish = wish.audience(audience);
        }
        Token token = issuer.issue(wish, clock.instant());
        asked.put("kind", "TokenRequest").put("apiVersion", "authentication.k8s.io/v1");
        Instant expiresAt = token.claims().expiresAt();
        asked.putObject("status").put("token", token.bearer()).put("expirationTimestamp", String.valueOf(expiresAt));
        return Response.json(201, Json.bytes(asked));
    }

    private static String namespace(ResourcePath path) {
        if (!path.type().namespaced()) {
            return "";
        }
        if (path.namespace() == null) {
            throw StatusException.notAllowed();
        }
        return path.namespace();
    }

    /** The response if no endpoint serves the path. */
    static Response nothingThere() {
        return Response.text(404, "404 page not found\n");
    }
}
