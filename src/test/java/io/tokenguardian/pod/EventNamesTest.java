package io.tokenguardian.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.pod.PodEvent.Reason;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The API server refuses a second event with the same name. */
class EventNamesTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final PodIdentity POD = new PodIdentity("shop", "cart", "uid");
    private static final PodEvent ACCEPTED = new PodEvent(Reason.ACCEPTED, "token", "It is accepted.", NOON);
    private static final PodEvent CLOCK_OFF = new PodEvent(Reason.CLOCK_OFF, "cp-2", "It is behind.", NOON);

    @Test
    void twoEventsOfOneMomentHaveNamesOfTheirOwn() {
        PodEvent other = new PodEvent(Reason.CLOCK_OFF, "cp-3", "It is behind.", NOON);

        assertThat(name(CLOCK_OFF)).isNotEqualTo(name(ACCEPTED)).isNotEqualTo(name(other));
    }

    /** A retry after a lost response must not create a second event. */
    @Test
    void anEventThatIsSentAgainHasTheSameName() {
        PodEvent again = new PodEvent(Reason.CLOCK_OFF, "cp-2", "It is far behind.", NOON);

        assertThat(name(again)).isEqualTo(name(CLOCK_OFF));
    }

    @Test
    void aNameIsThatOfThePodTheMomentAndTheSubject() {
        assertThat(name(CLOCK_OFF)).matches("cart\\.[0-9a-f]{16}\\.[0-9a-f]{8}");
    }

    private static String name(PodEvent event) {
        return KubernetesPodApi.eventName(POD, event);
    }
}
