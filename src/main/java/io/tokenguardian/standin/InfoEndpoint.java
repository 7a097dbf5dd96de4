package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.jwk.JWKSet;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Serves the health checks, the version, and the keys for verifying tokens. */
final class InfoEndpoint implements Endpoint {

    private static final Set<String> HEALTH = Set.of("/healthz", "/livez", "/readyz");

    private final Response health = Response.text(200, "ok");
    private final Response version = version();
    private final Response keys = cacheable(
            "application/jwk-set+json",
            new JWKSet(List.of(
                            SigningKey.of(TokenSpec.Signer.RS256).publicJwk(),
                            SigningKey.of(TokenSpec.Signer.ES256).publicJwk()))
                    .toString()
                    .getBytes(StandardCharsets.UTF_8));
    private final Response configuration = configuration();

    /**
     * Whether anonymous callers may read {@code path} if anonymous requests are enabled (docs/api-server.md, 401
     * responses).
     */
    static boolean isOpenToAnonymous(String path) {
        return HEALTH.contains(path) || path.equals("/version");
    }

    @Override
    public Optional<Response> answer(ApiRequest request) {
        String path = request.path();
        if (HEALTH.contains(path)) {
            return Optional.of(health);
        }
        return switch (path) {
            case "/version" -> {
                if (!request.isGetOrHead()) {
                    throw StatusException.notAllowed();
                }
                yield Optional.of(version);
            }
            case "/openid/v1/jwks" -> Optional.of(keys);
            case "/.well-known/openid-configuration" -> Optional.of(configuration);
            case "/openapi/v3" -> Optional.of(Response.json(200, Json.object().set("paths", Json.object())));
            default -> Optional.empty();
        };
    }

    private static Response version() {
        ObjectNode version = Json.object();
        version.put("major", "1").put("minor", "34").put("gitVersion", "v1.34.9");
        version.put("goVersion", "go1.24").put("compiler", "gc").put("platform", "linux/amd64");
        return Response.json(200, Json.indented(version));
    }

    private static Response configuration() {
        ObjectNode configuration = Json.object();
        configuration
                .put("issuer", StandInApiServer.ISSUER)
                .put("jwks_uri", "https://" + DiscoveryEndpoint.ADVERTISED + "/openid/v1/jwks");
        configuration.putArray("response_types_supported").add("id_token");
        configuration.putArray("subject_types_supported").add("public");
        configuration
                .putArray("id_token_signing_alg_values_supported")
                .add("ES256")
                .add("RS256");
        return cacheable(Response.JSON, Json.bytes(configuration));
    }

    private static Response cacheable(String contentType, byte[] body) {
        return new Response.Full(
                200,
                List.of(Map.entry("Cache-Control", "public, max-age=3600"), Map.entry("Content-Type", contentType)),
                body);
    }
}
