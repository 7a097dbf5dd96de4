package io.tokenguardian.laptop;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Optional;

/** @param at when it last happened, on the node's clock */
record GuardianEvent(String reason, String message, Instant at, int count) {

    /** @throws RuntimeException as {@link ParsedPod#of} */
    static GuardianEvent of(JsonObject event) {
        return new GuardianEvent(
                event.getString("reason", ""),
                event.getString("message", ""),
                Instant.parse(event.getString("lastTimestamp")),
                event.getInteger("count", 1));
    }

    /** Returns the verdict that this event reports; empty if it reports none. */
    Optional<PodEvidence.GuardianVerdict> verdict() {
        String word = switch (reason) {
            case "TokenAccepted" -> "accepted";
            case "TokenNotYetValid" -> "not-yet-valid";
            case "TokenRefused" -> "refused";
            default -> null;
        };
        return Optional.ofNullable(word).map(verdict -> new PodEvidence.GuardianVerdict(verdict, message));
    }

    String text() {
        return reason + (count > 1 ? " " + count + " times, last at " : " at ") + at + ": " + message;
    }
}
