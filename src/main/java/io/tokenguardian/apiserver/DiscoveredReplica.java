package io.tokenguardian.apiserver;

/** A replica in the list of {@link DiscoveringApiServer}. May be used by any thread. */
final class DiscoveredReplica {

    private final ApiServerAddress address;
    private final ApiServer server;
    private volatile boolean silent;

    DiscoveredReplica(ApiServerAddress address, ApiServer server) {
        this.address = address;
        this.server = server;
    }

    ApiServerAddress address() {
        return address;
    }

    ApiServer server() {
        return server;
    }

    /** Whether the last probe got no usable response. */
    boolean isSilent() {
        return silent;
    }

    void reportSilence() {
        silent = true;
    }

    void record(ProbeOutcome outcome) {
        silent = outcome instanceof ProbeOutcome.Unreachable || outcome instanceof ProbeOutcome.Unavailable;
    }
}
