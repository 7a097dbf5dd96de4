package io.tokenguardian.laptop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the events of a pod show.
 *
 * @param made when kubelet's first event about the pod's start was created, on the clock of the replica that kubelet
 *     uses. Shortly before, this replica issued the pod's token. Null if the event is not there
 */
record EventList(@Nullable Instant made) {
    /** About 2 KiB each; the API server keeps them for an hour. If a pod has more, the newest are missing. */
    private static final int MOST = 500;

    /** How long before and after its start a pod is considered as being made. If it is longer, a clock was set. */
    private static final Duration MAKING = Duration.ofMinutes(1);

    static String path(String namespace, String podUid) {
        String selector = "involvedObject.uid=" + podUid;
        return "/api/v1/namespaces/" + namespace + "/events?fieldSelector=" + URLEncoder.encode(selector, UTF_8)
                + "&limit=" + MOST;
    }

    /** The list is sorted by event name, and so by the node's clock when an event first happened. */
    static EventList of(ParsedPod pod, JsonObject list) {
        for (JsonObject event : ParsedPod.objects(list, "items")) {
            String component = event.getJsonObject("source", new JsonObject()).getString("component");
            if ("kubelet".equals(component) && isFromStart(pod, event)) {
                return new EventList(ParsedPod.instant(event.getJsonObject("metadata"), "creationTimestamp"));
            }
        }
        return new EventList(null);
    }

    /** False for an event that was repeated later: it may have been deleted and created again. */
    private static boolean isFromStart(ParsedPod pod, JsonObject event) {
        return pod.started() != null
                && Stream.of("firstTimestamp", "lastTimestamp")
                        .map(field -> ParsedPod.instant(event, field))
                        .allMatch(time -> time != null
                                && Duration.between(pod.started(), time).abs().compareTo(MAKING) <= 0);
    }
}
