package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.laptop.PodFacts.Guardian;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** @param at when it last happened, in whole seconds on the node's clock */
record GuardianEvent(String reason, String message, Instant at, int count) {
    /** About 2 KiB each; the API server keeps them for an hour. If a pod has more, the newest are missing. */
    private static final int MOST = 500;

    static String path(String namespace, String podUid) {
        String selector = "involvedObject.uid=" + podUid;
        return "/api/v1/namespaces/" + namespace + "/events?fieldSelector=" + URLEncoder.encode(selector, UTF_8)
                + "&limit=" + MOST;
    }

    /**
     * Newest first. The list is sorted by event name, and each name contains the time in nanoseconds, which orders
     * events within the same second. Throws as {@link PodFacts#of}.
     */
    static List<GuardianEvent> of(JsonObject list) {
        List<GuardianEvent> events =
                by(PodFacts.GUARDIAN, list).map(GuardianEvent::read).collect(Collectors.toList());
        Collections.reverse(events);
        events.sort(Comparator.comparing(GuardianEvent::at).reversed());
        return List.copyOf(events);
    }

    /**
     * When kubelet's first event about the pod's start was created, on the clock of the replica that kubelet uses.
     * Shortly before, this replica issued the pod's token. An event that was repeated may have been deleted and created
     * again, so it counts only if it is later than the pod's own time. Empty if no event counts. Throws as
     * {@link PodFacts#of}.
     */
    static Optional<Instant> made(PodFacts pod, JsonObject list) {
        return by(PodFacts.KUBELET, list)
                .filter(event -> pod.isInTheMaking(PodFacts.instant(event, "firstTimestamp")))
                .min(Comparator.comparing((JsonObject event) -> isRepeated(pod, event))
                        .thenComparing(event -> event.getString("firstTimestamp")))
                .filter(event -> !isRepeated(pod, event) || created(event).isAfter(pod.made()))
                .map(GuardianEvent::created);
    }

    private static boolean isRepeated(PodFacts pod, JsonObject event) {
        return !pod.isInTheMaking(PodFacts.instant(event, "lastTimestamp"));
    }

    private static Instant created(JsonObject event) {
        return Instant.parse(event.getJsonObject("metadata").getString("creationTimestamp"));
    }

    private static Stream<JsonObject> by(String component, JsonObject list) {
        return PodFacts.objects(list, "items").stream()
                .filter(event -> component.equals(
                        event.getJsonObject("source", new JsonObject()).getString("component")));
    }

    /** Returns the verdict that this event reports; empty if it reports none. */
    Optional<Guardian> verdict() {
        return switch (reason) {
            case "TokenAccepted" -> Optional.of(new Guardian("accepted", message));
            case "TokenNotYetValid" -> Optional.of(new Guardian("not-yet-valid", message));
            case "TokenRefused" -> Optional.of(new Guardian("refused", message));
            default -> Optional.empty();
        };
    }

    private static GuardianEvent read(JsonObject event) {
        String at = Stream.of(event.getString("lastTimestamp"), event.getString("eventTime"))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseGet(() -> event.getJsonObject("metadata").getString("creationTimestamp"));
        return new GuardianEvent(
                event.getString("reason", ""),
                event.getString("message", ""),
                Instant.parse(at).truncatedTo(ChronoUnit.SECONDS),
                event.getInteger("count", 1));
    }

    String text() {
        return reason + (count > 1 ? " " + count + " times, last at " : " at ") + at + ": " + message;
    }
}
