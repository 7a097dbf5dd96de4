package io.tokenguardian.dev;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Creates, reads, lists, replaces, patches, deletes and watches the objects in memory. */
final class ObjectEndpoint implements Endpoint {

    /** A list as JSON, valid until an object changes. Writing a large list takes long. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
    private record CachedList(ResourcePath path, String selectors, long version, byte[] body) {}

    /** Of a token whose request names none, in seconds. */
    private static final long DEFAULT_LIFETIME = 3600;

    private static final long LEAST_LIFETIME = 600;

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
        ObjectNode list = emptyList(path.type(), version);
        selected(request, path).forEach(list.withArray("/items")::add);
        byte[] body = Json.bytes(list);
        lastList = new CachedList(path, selectors, version, body);
        return Response.json(200, body);
    }

    private static ObjectNode emptyList(ResourceType type, long version) {
        ObjectNode list = Json.object();
        list.put("kind", type.kind() + "List").put("apiVersion", type.apiVersion());
        list.putObject("metadata").put("resourceVersion", Long.toString(version));
        list.putArray("items");
        return list;
    }

    private List<ObjectNode> selected(ApiRequest request, ResourcePath path) {
        Selector selector = Selector.of(request, path.name());
        return objects.list(path.type(), path.namespace()).stream()
                .filter(selector::matches)
                .toList();
    }

    private Response deleteCollection(ApiRequest request, ResourcePath path) {
        ObjectNode list = emptyList(path.type(), objects.version());
        ArrayNode items = list.withArray("/items");
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

    /** Answers a TokenRequest, which kubelet sends, for an account that exists. The token has this replica's time. */
    private Response token(ApiRequest request, ResourcePath path) {
        if (!request.method().equals("POST")) {
            throw StatusException.notAllowed();
        }
        String account = String.valueOf(path.name());
        if (objects.get(ResourceType.SERVICE_ACCOUNTS, namespace(path), account) == null) {
            throw StatusException.notFound(ResourceType.SERVICE_ACCOUNTS, account);
        }
        ObjectNode body = Json.parse(request.body());
        TokenSpec spec = TokenSpec.unextended()
                .serviceAccount(namespace(path), account)
                .pod(null)
                .node(null);
        if (body.path("spec").path("audiences") instanceof ArrayNode audiences && !audiences.isEmpty()) {
            List<String> audience = new ArrayList<>();
            audiences.forEach(each -> audience.add(each.asText()));
            spec = spec.audience(audience.toArray(String[]::new));
        }
        long seconds = body.path("spec").path("expirationSeconds").asLong(DEFAULT_LIFETIME);
        if (seconds < LEAST_LIFETIME) {
            throw new StatusException(
                    422,
                    "Invalid",
                    "spec.expirationSeconds: Invalid value: " + seconds
                            + ": may not specify a duration less than 10 minutes");
        }
        spec = spec.lifetime(Duration.ofSeconds(seconds));
        Instant now = clock.instant();
        Instant expiresAt = spec.expiresAtOr(spec.issuedAtOr(now));
        body.put("kind", "TokenRequest").put("apiVersion", "authentication.k8s.io/v1");
        body.putObject("status").put("token", issuer.issue(spec, now)).put("expirationTimestamp", expiresAt.toString());
        return Response.json(201, Json.bytes(body));
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
