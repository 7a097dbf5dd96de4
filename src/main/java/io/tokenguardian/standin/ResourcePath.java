package io.tokenguardian.standin;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request, parsed as in the API server.
 *
 * @param type the kind of object
 * @param namespace null for all namespaces and for cluster-scoped kinds
 * @param name null for the collection
 * @param subresource null for the object itself
 */
record ResourcePath(
        ResourceType type,
        @Nullable String namespace,
        @Nullable String name,
        @Nullable String subresource) {

    /** Parses {@code path}. The result is empty if the stand-in stores no objects of the path's kind. */
    static Optional<ResourcePath> parse(String path) {
        List<String> parts = Arrays.asList(path.substring(1).split("/", -1));
        if (parts.size() >= 3 && parts.get(0).equals("api")) {
            return parse("", parts.get(1), parts.subList(2, parts.size()));
        }
        if (parts.size() >= 4 && parts.get(0).equals("apis")) {
            return parse(parts.get(1), parts.get(2), parts.subList(3, parts.size()));
        }
        return Optional.empty();
    }

    private static Optional<ResourcePath> parse(String group, String version, List<String> parts) {
        if (parts.get(0).equals("namespaces") && parts.size() > 2) {
            Optional<ResourceType> type = ResourceType.of(group, version, parts.get(2));
            return type.filter(ResourceType::namespaced)
                    .map(found -> of(found, parts.get(1), parts.subList(3, parts.size())));
        }
        return ResourceType.of(group, version, parts.get(0))
                .filter(type -> !type.namespaced() || parts.size() == 1)
                .map(found -> of(found, null, parts.subList(1, parts.size())));
    }

    private static ResourcePath of(ResourceType type, @Nullable String namespace, List<String> rest) {
        return new ResourcePath(
                type, namespace, rest.isEmpty() ? null : rest.get(0), rest.size() < 2 ? null : rest.get(1));
    }
}
