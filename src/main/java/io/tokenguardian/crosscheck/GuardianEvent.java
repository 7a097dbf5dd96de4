package io.tokenguardian.crosscheck;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Kubernetes event about a pod, written by the pod's guardian.
 *
 * @param at when it last happened, in whole seconds on the node's clock
 * @param count how many times it has happened
 */
record GuardianEvent(String reason, String message, Instant at, int count) {
    /** The component in the source of a guardian's events. It is part of the contract. */
    private static final String COMPONENT = "token-guardian";

    /**
     * How many events to read. An event takes about 2 KiB, and the API server keeps it for an hour. If a pod has more
     * events than that, the newest are missing.
     */
    private static final int MOST = 500;

    /** Returns the path for listing the events that a pod's guardian has written about the pod. */
    static String path(String namespace, String podUid) {
        String selector = "involvedObject.uid=" + podUid + ",source=" + COMPONENT;
        return "/api/v1/namespaces/" + namespace + "/events?fieldSelector=" + URLEncoder.encode(selector, UTF_8)
                + "&limit=" + MOST;
    }

    /**
     * Returns the events of a list, newest first. The list is sorted by event name, and each name contains the time in
     * nanoseconds. That gives events within the same second their order.
     *
     * @throws RuntimeException as {@link PodFacts#of}
     */
    static List<GuardianEvent> of(JsonObject list) {
        List<GuardianEvent> events = PodFacts.objects(list, "items").stream()
                .map(GuardianEvent::read)
                .collect(Collectors.toList());
        Collections.reverse(events);
        events.sort(Comparator.comparing(GuardianEvent::at).reversed());
        return List.copyOf(events);
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

    /** The event in one line. */
    String text() {
        return reason + (count > 1 ? " " + count + " times, last at " : " at ") + at + ": " + message;
    }
}
