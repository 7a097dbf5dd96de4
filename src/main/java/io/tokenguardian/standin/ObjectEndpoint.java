package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Creates, reads, lists, replaces, patches, deletes and watches the objects in memory. */
final class ObjectEndpoint implements Endpoint {

    /** A list as JSON, valid until any object changes. It is cached because writing a large list is slow. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
    private record CachedList(ResourcePath path, String selectors, long version, byte[] body) {}

    /** The lifetime of a token, in seconds, if the request does not specify one. */
    private static final long DEFAULT_LIFETIME = 3600;

    private static final long LEAST_LIFETIME = 600;

    /**
     * The lifetime that kubelet requests for a token that is injected by default
     * ({@code WarnOnlyBoundTokenExpirationSeconds}).
     */
    static final long EXTENDED_LIFETIME = 3607;

    private static final Set<String> PATCHES =
            Set.of("application/merge-patch+json", "application/strategic-merge-patch+json");

    /** The kinds whose deletion returns the object ({@code ReturnDeletedObject} in their storage). */
    private static final Set<ResourceType> RETURNED = Set.of(
            ResourceType.PODS,
            ResourceType.SERVICES,
            ResourceType.SERVICE_ACCOUNTS,
            ResourceType.NAMESPACES,
            ResourceType.JOBS);

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
            case "POST" -> Response.json(201, objects.create(path.type(), namespace(path), body(request, path)));
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
            case "PUT" -> Response.json(200, objects.replace(type, namespace, name, body(request, path)));
            case "PATCH" -> {
                if (!PATCHES.contains(request.headers().get("Content-Type", ""))) {
                    throw StatusException.unsupportedMediaType();
                }
                yield Response.json(200, objects.patch(type, namespace, name, body(request, path)));
            }
            case "DELETE" -> Response.json(200, deleted(type, objects.delete(type, namespace, name)));
            default -> throw StatusException.notAllowed();
        };
    }

    private static ObjectNode body(ApiRequest request, ResourcePath path) {
        return Json.parse(request.body(), path.type().kind());
    }

    /**
     * Returns the response to a deletion: the deleted object for a few kinds, otherwise a {@code Status} that reports
     * success.
     */
    private static ObjectNode deleted(ResourceType type, ObjectNode last) {
        if (RETURNED.contains(type)) {
            return last;
        }
        JsonNode metadata = last.path("metadata");
        ObjectNode status = Json.object();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        status.put("status", "Success")
                .set(
                        "details",
                        Json.details(
                                        type.group(),
                                        type.plural(),
                                        metadata.path("name").asText())
                                .put("uid", metadata.path("uid").asText()));
        return status;
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
        for (ObjectNode object : selected(request, path)) {
            list.withArray("/items").add(inList(object));
        }
        byte[] body = Json.line(list);
        lastList = new CachedList(path, selectors, version, body);
        return Response.json(200, body);
    }

    /**
     * Returns an object as it appears in a list: without the fields that the list contains only once for all its
     * objects.
     */
    private static ObjectNode inList(ObjectNode object) {
        return object.without(List.of("kind", "apiVersion"));
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
            items.add(inList(objects.delete(
                    path.type(),
                    object.path("metadata").path("namespace").asText(),
                    object.path("metadata").path("name").asText())));
        }
        return Response.json(200, list);
    }

    private Response watch(ApiRequest request, ResourcePath path) {
        String since = request.parameter("resourceVersion");
        long version;
        try {
            version = since == null || since.isEmpty() ? 0 : Long.parseLong(since);
        } catch (NumberFormatException e) {
            throw StatusException.internal("resourceVersion: Invalid value: \"" + since
                    + "\": strconv.ParseUint: parsing \"" + since + "\": invalid syntax");
        }
        Selector selector = Selector.of(request, path.name());
        return Response.jsonStream(sink -> objects.watch(path.type(), path.namespace(), version, event -> {
            if (event.path("object") instanceof ObjectNode object && selector.matches(object)) {
                sink.accept(event);
            }
        }));
    }

    /**
     * Responds to a TokenRequest, which kubelet sends for an existing service account. The token's times come from this
     * replica's clock.
     */
    private Response token(ApiRequest request, ResourcePath path) {
        if (!request.method().equals("POST")) {
            throw StatusException.notAllowed();
        }
        String account = String.valueOf(path.name());
        ObjectNode found = objects.get(ResourceType.SERVICE_ACCOUNTS, namespace(path), account);
        if (found == null) {
            throw StatusException.notFound(ResourceType.SERVICE_ACCOUNTS, account);
        }
        JsonNode asked = Json.parse(request.body(), "TokenRequest").path("spec");
        long seconds = asked.path("expirationSeconds").asLong(DEFAULT_LIFETIME);
        if (seconds < LEAST_LIFETIME) {
            throw StatusException.invalid(
                    "authentication.k8s.io",
                    "TokenRequest",
                    "",
                    "FieldValueInvalid",
                    "spec.expirationSeconds",
                    "Invalid value: " + seconds + ": may not specify a duration less than 10 minutes");
        }
        String pod = boundPod(namespace(path), asked.path("boundObjectRef"));
        boolean own = asked.path("audiences").isEmpty();
        boolean extended = seconds == EXTENDED_LIFETIME && pod != null && own;
        TokenSpec spec = (extended
                        ? TokenSpec.extended()
                        : TokenSpec.unextended().lifetime(Duration.ofSeconds(seconds)))
                .serviceAccount(namespace(path), account)
                .pod(pod)
                .node(null)
                .issuer(request.authenticator().issuers().get(0))
                .signedBy(request.authenticator().keys().get(0));
        List<String> audience = new ArrayList<>();
        asked.path("audiences").forEach(each -> audience.add(each.asText()));
        if (own) {
            audience.add(StandInApiServer.ISSUER);
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        ObjectNode body = Json.object();
        body.put("kind", "TokenRequest").put("apiVersion", "authentication.k8s.io/v1");
        body.putObject("metadata")
                .put("name", account)
                .put("namespace", namespace(path))
                .put("uid", ObjectStore.uid(found))
                .put("creationTimestamp", now.toString());
        ObjectNode answered = body.putObject("spec");
        audience.forEach(answered.putArray("audiences")::add);
        answered.put("expirationSeconds", seconds);
        answered.set("boundObjectRef", pod == null ? NullNode.getInstance() : asked.path("boundObjectRef"));
        body.putObject("status")
                .put("token", issuer.issue(spec.audience(audience.toArray(String[]::new)), clock.instant()))
                .put("expirationTimestamp", now.plusSeconds(seconds).toString());
        return Response.json(201, body);
    }

    /** Returns the name of the pod to which the token will be bound; null for none. */
    private @Nullable String boundPod(String namespace, JsonNode reference) {
        if (!reference.path("kind").asText().equals("Pod")) {
            return null;
        }
        String name = reference.path("name").asText();
        ObjectNode pod = objects.get(ResourceType.PODS, namespace, name);
        if (pod == null) {
            throw StatusException.notFound(ResourceType.PODS, name);
        }
        String uid = reference.path("uid").asText();
        if (!uid.isEmpty() && !uid.equals(ObjectStore.uid(pod))) {
            throw StatusException.conflict(
                    "Pod",
                    name,
                    "the UID in the bound object reference (" + uid + ") does not match the UID in record. The object"
                            + " might have been deleted and then recreated");
        }
        return name;
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
    static Response nothingThere(String path) {
        if (DiscoveryEndpoint.isServed(path)) {
            throw StatusException.noSuchResource();
        }
        return Response.text(404, "404 page not found\n");
    }
}
