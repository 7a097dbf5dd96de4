package io.tokenguardian.proxy.request;

import static org.assertj.core.api.Assertions.assertThat;

/** Takes the places of held requests, as other requests would. */
public final class HoldPlaces {

    private HoldPlaces() {}

    /** Leaves {@code free} places. */
    public static void takeAllBut(int free, RequestContext context) {
        assertThat(context.holdPlaces().tryAcquire(RequestContext.MOST_HELD - free))
                .isTrue();
    }
}
