package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventListTest {
    private static JsonObject list(String... items) {
        JsonArray list = new JsonArray();
        List.of(items).forEach(item -> list.add(new JsonObject(item)));
        return new JsonObject().put("items", list);
    }

    @Test
    void onlyThePodsEventsAreAskedFor() {
        assertThat(EventList.path("shop", "u1"))
                .isEqualTo("/api/v1/namespaces/shop/events?fieldSelector=involvedObject.uid%3Du1&limit=500");
    }

    /** kubelet writes the first two times, and the API server writes the third. */
    private static String ofKubelet(String first, String last, String created) {
        return """
                {"firstTimestamp": "2026-03-01T%sZ", "lastTimestamp": "2026-03-01T%sZ",
                 "metadata": {"creationTimestamp": "2026-03-01T%sZ"}, "source": {"component": "kubelet"}}""".formatted(first, last, created);
    }

    /** kubelet sees the pod at noon. */
    private static ParsedPod pod(String created) {
        return ParsedPod.of(new JsonObject("""
                {"metadata": {"uid": "u1", "creationTimestamp": "2026-03-01T%sZ"}, "spec": {},
                 "status": {"startTime": "2026-03-01T12:00:00Z"}}""".formatted(created)));
    }

    private static @Nullable String made(String... items) {
        Instant made = EventList.of(pod("14:00:00"), list(items)).made();
        return made == null ? null : made.toString().substring(11, 19);
    }

    @Test
    void aPodIsMadeWhenTheApiServerGetsKubeletsFirstEvent() {
        String first = ofKubelet("12:00:01", "12:00:01", "14:00:01");
        String later = ofKubelet("12:01:00", "12:01:00", "12:01:00");

        assertThat(made(first, later)).isEqualTo("14:00:01");
        assertThat(made(later)).isEqualTo("12:01:00");
    }

    @Test
    void anEventLongAfterTheStartIsNotFromTheMaking() {
        assertThat(made(ofKubelet("12:01:01", "12:01:01", "12:01:01"))).isNull();
    }

    @Test
    void anEventOfAnotherComponentIsNotFromTheMaking() {
        assertThat(made(ofKubelet("12:00:00", "12:00:00", "12:00:00").replace("kubelet", "scheduler")))
                .isNull();
    }

    /** The node's clock was ahead when kubelet saw the pod, and has been set right since. */
    @Test
    void anEventLongBeforeTheStartIsNotFromTheMaking() {
        assertThat(made(ofKubelet("11:59:00", "11:59:00", "11:59:00"))).isEqualTo("11:59:00");
        assertThat(made(ofKubelet("11:58:59", "11:58:59", "11:58:59"))).isNull();
    }

    /** kubelet creates a repeated event again with its first time if the API server has deleted it. */
    @Test
    void aRepeatedEventIsNotFromTheMaking() {
        String repeated = ofKubelet("12:00:00", "12:01:01", "12:30:00");

        assertThat(made(repeated)).isNull();
        assertThat(made(repeated, ofKubelet("12:00:02", "12:00:02", "12:00:02")))
                .isEqualTo("12:00:02");
    }
}
