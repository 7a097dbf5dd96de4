package io.tokenguardian.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.tokenguardian.standin.Authorization;
import io.tokenguardian.standin.RequestInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Allows a service account to do what every service account may do in any cluster, and what roles from {@code k8s/rbac}
 * add.
 */
public final class GrantedRoles implements Authorization {
    private static final Path MANIFESTS = Path.of("k8s/rbac");
    private static final YAMLMapper YAML = new YAMLMapper();

    private static final Pattern EVERYBODYS = Pattern.compile(
            "/(healthz|livez|readyz|version/?|(api|apis|openapi)(/.*)?|[.]well-known/openid-configuration/?|openid/v1/jwks/?)");

    private final List<JsonNode> rules = new ArrayList<>();

    /**
     * Returns the default roles of every user, plus the roles in these directories.
     *
     * @param directories of {@code k8s/rbac}, such as {@code pod-condition}
     */
    public static GrantedRoles of(String... directories) {
        GrantedRoles granted = new GrantedRoles();
        for (String directory : directories) {
            try (var documents = YAML.readerFor(JsonNode.class)
                    .<JsonNode>readValues(
                            MANIFESTS.resolve(directory).resolve("role.yaml").toFile())) {
                documents.forEachRemaining(document -> document.path("rules").forEach(granted.rules::add));
            } catch (IOException e) {
                throw new IllegalStateException("no role in " + MANIFESTS.resolve(directory), e);
            }
        }
        return granted;
    }

    @Override
    public boolean allows(String user, RequestInfo request) {
        return isBasic(request) || rules.stream().anyMatch(rule -> allows(rule, request));
    }

    private static boolean allows(JsonNode rule, RequestInfo request) {
        return names(rule.path("apiGroups"), request.group())
                && names(rule.path("resources"), request.resourceInRole())
                && names(rule.path("verbs"), request.verb());
    }

    private static boolean names(JsonNode list, String searched) {
        for (JsonNode name : list) {
            if (name.asText().equals(searched)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the request is allowed by the roles {@code system:basic-user}, {@code system:discovery},
     * {@code system:public-info-viewer} or {@code system:service-account-issuer-discovery} (Kubernetes,
     * {@code bootstrappolicy/policy.go}).
     */
    private static boolean isBasic(RequestInfo request) {
        return request.resource().isEmpty()
                ? request.verb().equals("get")
                        && EVERYBODYS.matcher(request.path()).matches()
                : request.resource().startsWith("selfsubject") && request.verb().equals("create");
    }
}
