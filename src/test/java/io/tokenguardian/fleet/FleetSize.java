package io.tokenguardian.fleet;

import java.time.Duration;

/**
 * The size of a fleet, and what each of its three API servers can bear.
 *
 * @param pods the number of pods
 * @param podsPerNode how many pods have the same kubelet
 * @param handshakes the TLS handshakes that an API server does per second
 * @param inFlight the requests that an API server processes at a time. It responds to more of them with 429
 * @param oneInHasTraffic one in this many pods sends requests through its proxy
 * @param betweenRequests the mean time between two requests of one of these pods
 */
record FleetSize(
        int pods, int podsPerNode, int handshakes, int inFlight, int oneInHasTraffic, Duration betweenRequests) {

    static final FleetSize FULL = new FleetSize(5_000, 50, 400, 600, 5, Duration.ofSeconds(5));

    static final FleetSize TENTH = new FleetSize(500, 5, 40, 60, 5, Duration.ofSeconds(5));
}
