package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Serves reviews, which the server answers but does not store: "who am I" and "may I". */
final class ReviewEndpoint implements Endpoint {

    static final String SELF_SUBJECT_REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
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
