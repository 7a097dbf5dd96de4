package io.tokenguardian.crosscheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuardianEventTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private static List<GuardianEvent> events(String... items) {
        JsonArray list = new JsonArray();
        List.of(items).forEach(item -> list.add(new JsonObject(item)));
        return GuardianEvent.of(new JsonObject().put("items", list));
    }

    private static String event(String reason, String fields) {
        return "{\"metadata\": {\"creationTimestamp\": \"2026-03-01T11:00:00Z\"}, \"reason\": \"" + reason
                + "\", \"message\": \"So it is.\", " + fields + "}";
    }

    @Test
    void theNewestIsFirstByTheTimeWhenItHappenedLast() {
        assertThat(events(
                        event("A", "\"lastTimestamp\": \"2026-03-01T12:00:02Z\", \"count\": 3"),
                        event("B", "\"lastTimestamp\": \"2026-03-01T12:00:00Z\", \"count\": 1"),
                        event("C", "\"lastTimestamp\": \"2026-03-01T12:00:01Z\", \"count\": 1")))
                .containsExactly(
                        new GuardianEvent("A", "So it is.", NOON.plusSeconds(2), 3),
                        new GuardianEvent("C", "So it is.", NOON.plusSeconds(1), 1),
                        new GuardianEvent("B", "So it is.", NOON, 1));
    }

    /** The API server lists events ordered by name, and the name contains the time in nanoseconds. */
    @Test
    void ofTwoInTheSameSecondTheLastOfTheListIsFirst() {
        assertThat(events(
                        event("A", "\"lastTimestamp\": \"2026-03-01T12:00:00Z\""),
                        event("B", "\"lastTimestamp\": \"2026-03-01T12:00:00Z\"")))
                .extracting(GuardianEvent::reason)
                .containsExactly("B", "A");
    }

    @Test
    void withoutALastTimeThatOfTheEventOrOfItsCreationCounts() {
        assertThat(events(
                        event("A", "\"lastTimestamp\": null, \"eventTime\": \"2026-03-01T12:00:00.123456Z\""),
                        event("B", "\"lastTimestamp\": null, \"eventTime\": null")))
                .containsExactly(
                        new GuardianEvent("A", "So it is.", NOON, 1),
                        new GuardianEvent("B", "So it is.", NOON.minusSeconds(3600), 1));
    }

    @Test
    void whatIsNoListOfEventsIsNotTakenForOne() {
        assertThatThrownBy(() -> GuardianEvent.of(new JsonObject("{\"items\": [1]}")))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> events(event("A", "\"lastTimestamp\": \"noon\"")))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void onlyThePodsEventsByTheGuardianAreAskedFor() {
        assertThat(GuardianEvent.path("shop", "u1"))
                .isEqualTo(
                        "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.uid%3Du1%2Csource%3Dtoken-guardian"
                                + "&limit=500");
    }
}
