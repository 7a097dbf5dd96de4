package io.tokenguardian.pod;

import io.tokenguardian.guardian.TokenStatus;
import java.util.ArrayList;
import java.util.List;

/** The messages of a pod's events, for tests that compare all outputs. */
public final class EventMessages {
    private EventMessages() {}

    /** Returns the messages of the events for {@code tokenStatus}. */
    public static List<String> of(TokenStatus tokenStatus) {
        PendingEvents events = new PendingEvents();
        events.accept(tokenStatus);
        List<String> messages = new ArrayList<>();
        for (PodEvent event = events.next(); event != null; event = events.next()) {
            messages.add(event.message());
            events.markWritten(event);
        }
        return messages;
    }
}
