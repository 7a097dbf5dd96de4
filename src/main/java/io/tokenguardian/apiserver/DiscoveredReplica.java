package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.util.List;
import java.util.stream.Stream;

/** A replica in the list of {@link DiscoveringApiServer}, and which tokens it accepts according to the probes of it. */
final class DiscoveredReplica implements ApiServer.Discovered {
    /**
     * The maximum number of tokens to remember. The guardian probes fewer tokens than this at a time. If this number is
     * exceeded, the token that was accepted first is forgotten.
     */
    static final int MAX_TOKENS = 8;

    private final ApiServerAddress address;
    private final ApiServer server;
    private volatile List<Token> accepted = List.of();
    private volatile boolean silent;

    DiscoveredReplica(ApiServerAddress address, ApiServer server) {
        this.address = address;
        this.server = server;
    }

    @Override
    public ApiServerAddress address() {
        return address;
    }

    @Override
    public boolean accepts(Token token) {
        return accepted.contains(token);
    }

    ApiServer server() {
        return server;
    }

    /** Whether the last probe got no usable response. */
    boolean isSilent() {
        return silent;
    }

    /** Called when the guardian stops waiting for the response to a probe. */
    void reportSilence() {
        silent = true;
    }

    /**
     * Takes the result of a probe. An inconclusive result does not change which tokens count as accepted.
     *
     * @return whether the replica accepts the token and was not known to do so before
     */
    synchronized boolean record(Token token, ProbeOutcome outcome) {
        silent = outcome instanceof ProbeOutcome.Unreachable || outcome instanceof ProbeOutcome.Unavailable;
        boolean newlyAccepted = outcome instanceof ProbeOutcome.Authenticated && !accepts(token);
        if (newlyAccepted) {
            accepted = Stream.concat(Stream.of(token), accepted.stream())
                    .limit(MAX_TOKENS)
                    .toList();
        } else if (outcome instanceof ProbeOutcome.Unauthorized) {
            accepted = accepted.stream().filter(each -> !each.equals(token)).toList();
        }
        return newlyAccepted;
    }
}
