package io.tokenguardian.standin;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Serves the logs and tunnels of pods, and the backends behind {@code /proxy/} of pods, services and nodes. */
final class PodEndpoint implements Endpoint {

    private static final Set<String> TUNNELS = Set.of("exec", "attach", "portforward");

    /** The methods that open a tunnel (docs/api-server.md, Upgrades). */
    private static final Set<String> TUNNEL_METHODS = Set.of("GET", "POST");

    private final Toggles toggles;
    private final ObjectStore objects;

    PodEndpoint(Toggles toggles, ObjectStore objects) {
        this.toggles = toggles;
        this.objects = objects;
    }

    /** Whether {@code path} is a proxied subresource, to which the body limit of 3 MiB doesn't apply. */
    static boolean isProxied(String path) {
        return ResourcePath.parse(path)
                .map(ResourcePath::subresource)
                .filter("proxy"::equals)
                .isPresent();
    }

    @Override
    public Optional<Response> answer(ApiRequest request) {
        return ResourcePath.parse(request.path())
                .filter(path -> path.name() != null && path.subresource() != null)
                .flatMap(path -> answer(request, path));
    }

    private Optional<Response> answer(ApiRequest request, ResourcePath path) {
        String subresource = String.valueOf(path.subresource());
        if (subresource.equals("proxy")) {
            Backend.Answer answer = toggles.backend.answer(request.head(), request.body());
            List<Map.Entry<String, String>> headers =
                    List.copyOf(answer.headers().entrySet());
            return Optional.of(
                    new Response.Full(answer.status(), headers, answer.body().getBytes(StandardCharsets.UTF_8)));
        }
        if (!path.type().equals(ResourceType.PODS)) {
            return Optional.empty();
        }
        String name = String.valueOf(path.name());
        String namespace = String.valueOf(path.namespace());
        if (subresource.equals("log")) {
            requirePod(namespace, name);
            return Optional.of(Response.text(200, ""));
        }
        if (TUNNELS.contains(subresource)) {
            if (!TUNNEL_METHODS.contains(request.method())) {
                throw StatusException.notAllowed();
            }
            requirePod(namespace, name);
            return Optional.of(Upgrade.answer(request));
        }
        return Optional.empty();
    }

    private void requirePod(String namespace, String name) {
        if (objects.get(ResourceType.PODS, namespace, name) == null) {
            throw StatusException.notFound(ResourceType.PODS, name);
        }
    }
}
