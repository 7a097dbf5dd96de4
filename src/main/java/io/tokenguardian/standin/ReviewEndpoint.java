package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Serves reviews, which the server answers but does not store: "who am I", "may I" and "whose token is this". */
final class ReviewEndpoint implements Endpoint {

    static final String SELF_SUBJECT_REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    static final String TOKEN_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews";
    static final String SELF_SUBJECT_ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    private final Toggles toggles;
    private final ReplicaClock clock;

    ReviewEndpoint(Toggles toggles, ReplicaClock clock) {
        this.toggles = toggles;
        this.clock = clock;
    }

    @Override
    public Optional<Response> answer(ApiRequest request) {
        return switch (request.path()) {
            case SELF_SUBJECT_REVIEWS -> Optional.of(review(request, "SelfSubjectReview", this::selfSubject));
            case SELF_SUBJECT_ACCESS_REVIEWS -> Optional.of(review(request, "SelfSubjectAccessReview", this::access));
            case TOKEN_REVIEWS -> Optional.of(review(request, "TokenReview", ReviewEndpoint::token));
            default -> Optional.empty();
        };
    }

    private interface Review {
        ObjectNode of(ApiRequest request, ObjectNode requested);
    }

    private static Response review(ApiRequest request, String kind, Review review) {
        if (!request.method().equals("POST")) {
            throw StatusException.notAllowed();
        }
        return Response.json(201, review.of(request, Json.parse(request.body(), kind)));
    }

    private ObjectNode selfSubject(ApiRequest request, ObjectNode requested) {
        ObjectNode answer = answer("authentication.k8s.io/v1", "SelfSubjectReview");
        answer.withObject("/metadata")
                .put(
                        "creationTimestamp",
                        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        userInfo(answer.putObject("status").putObject("userInfo"), request.user());
        return answer;
    }

    private ObjectNode access(ApiRequest request, ObjectNode requested) {
        ObjectNode answer = answer("authorization.k8s.io/v1", "SelfSubjectAccessReview");
        answer.set("spec", requested.path("spec").deepCopy());
        JsonNode asked = requested.path("spec").path("resourceAttributes");
        RequestInfo info = new RequestInfo(
                asked.path("verb").asText(),
                "",
                asked.path("group").asText(),
                asked.path("resource").asText(),
                asked.path("subresource").asText(),
                asked.path("namespace").asText(),
                asked.path("name").asText());
        answer.putObject("status").put("allowed", toggles.allows(request.user(), info));
        return answer;
    }

    private static ObjectNode token(ApiRequest request, ObjectNode requested) {
        ObjectNode answer = answer("authentication.k8s.io/v1", "TokenReview");
        answer.set("spec", requested.path("spec").deepCopy());
        ObjectNode status = answer.putObject("status");
        Authentication result = authenticate(request.authenticator(), requested.path("spec"));
        if (result instanceof Authentication.Authenticated authenticated) {
            status.put("authenticated", true);
            userInfo(status.putObject("user"), authenticated.user());
            authenticated.audiences().forEach(status.putArray("audiences")::add);
        } else if (result instanceof Authentication.Refused refused) {
            status.putObject("user");
            status.put("error", refused.cause());
        }
        return answer;
    }

    /**
     * Checks the token against the audiences in the review or, if the review names none, the server's own audiences.
     */
    private static Authentication authenticate(Authenticator authenticator, JsonNode spec) {
        List<String> audiences = new ArrayList<>();
        spec.path("audiences").forEach(audience -> audiences.add(audience.asText()));
        String token = spec.path("token").asText();
        return audiences.isEmpty()
                ? authenticator.authenticate(token)
                : authenticator.authenticate(token, List.copyOf(audiences));
    }

    private static ObjectNode answer(String apiVersion, String kind) {
        ObjectNode answer = Json.object();
        answer.put("kind", kind).put("apiVersion", apiVersion);
        answer.putObject("metadata");
        return answer;
    }

    private static void userInfo(ObjectNode info, User user) {
        info.put("username", user.name());
        if (user.uid() != null) {
            info.put("uid", user.uid());
        }
        user.groups().forEach(info.putArray("groups")::add);
        if (user.extra().isEmpty()) {
            return;
        }
        ObjectNode extra = info.putObject("extra");
        user.extra().forEach((name, values) -> values.forEach(extra.putArray(name)::add));
    }
}
