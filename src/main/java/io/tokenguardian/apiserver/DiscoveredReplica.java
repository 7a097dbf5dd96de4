package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.util.List;
import java.util.stream.Stream;

/** A replica in the list of {@link DiscoveringApiServer}, and which tokens it accepts according to the probes of it. */
final class DiscoveredReplica implements ApiServer.Discovered {
    /** More than the guardian probes at a time. Beyond it, the token that was accepted first is forgotten. */
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

    void reportSilence() {
        silent = true;
    }

    /** Returns whether the token is newly accepted. An inconclusive result does not change what is accepted. */
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
