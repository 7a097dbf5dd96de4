package io.tokenguardian.proxy.upstream;

import static java.util.Map.entry;

import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a connection to the API server is used for. A test compares this diagram with the table of the code.
 *
 * <pre>
 *  NEW ──► PROVING        the first proof is sent
 *  NEW ──► LEASED         to a request that is sent unproven
 *  NEW ──► IDLE           its request already has another connection
 *  PROVING ──► IDLE       the replica accepts the token
 *  PROVING ──► LEASED     the same, and a request waits
 *  PROVING ──► EARLY      the replica refuses the token as not yet valid
 *  PROVING ──► REFUSING   the replica refuses the token for another reason
 *  PROVING ──► PROVING    with another token, or in another way
 *  IDLE ──► LEASED        to the next request
 *  IDLE ──► PROVING       another token is usable
 *  LEASED ──► DOUBT       a 401 may be a backend's
 *  DOUBT ──► LEASED       the proof shows whose 401 it is
 *  LEASED ──► IDLE        the response is over
 *  LEASED ──► LEASED      the response is over, and a request waits
 *  LEASED ──► PROVING     the response is over, and another token is usable
 *  LEASED ──► EARLY       the response was a 401 of the replica's own
 *  LEASED ──► REFUSING    the same
 *  LEASED ──► TUNNEL      the response is a 101
 *  EARLY ──► PROVING      the token's time has come, or another token is usable
 *  REFUSING ──► PROVING   another token is usable, or the refusal is old
 *  REFUSING ──► LEASED    to a request that can't wait, which is sent unproven
 *  any ──► CLOSING        one side begins to close the connection
 *  any ──► CLOSED         the channel has ended
 * </pre>
 */
enum UpstreamState {
    NEW,

    /** Carries a proof, which the pool has sent. */
    PROVING,

    /** No request uses it. */
    IDLE,

    /** Belongs to a request. */
    LEASED,

    /** Carries a proof, which a request has sent. */
    DOUBT,

    /** Kept until its replica's clock has reached the token's window. */
    EARLY,

    /** Kept for requests that can't wait, and until its replica may accept a token. */
    REFUSING,

    /** Carries the bytes of another protocol. */
    TUNNEL,

    /** The channel stays active for up to 3 s, until TLS has sent its close_notify. */
    CLOSING,

    CLOSED;

    private static final Map<UpstreamState, Set<UpstreamState>> NEXT = Map.ofEntries(
            entry(NEW, EnumSet.of(PROVING, LEASED, IDLE, CLOSING, CLOSED)),
            entry(PROVING, EnumSet.of(IDLE, LEASED, EARLY, REFUSING, PROVING, CLOSING, CLOSED)),
            entry(IDLE, EnumSet.of(LEASED, PROVING, CLOSING, CLOSED)),
            entry(LEASED, EnumSet.of(DOUBT, IDLE, LEASED, PROVING, EARLY, REFUSING, TUNNEL, CLOSING, CLOSED)),
            entry(DOUBT, EnumSet.of(LEASED, CLOSING, CLOSED)),
            entry(EARLY, EnumSet.of(PROVING, CLOSING, CLOSED)),
            entry(REFUSING, EnumSet.of(PROVING, LEASED, CLOSING, CLOSED)),
            entry(TUNNEL, EnumSet.of(CLOSING, CLOSED)),
            entry(CLOSING, EnumSet.of(CLOSED)),
            entry(CLOSED, EnumSet.noneOf(UpstreamState.class)));

    boolean leadsTo(UpstreamState next) {
        return Objects.requireNonNull(NEXT.get(this)).contains(next);
    }

    boolean isOpen() {
        return this != CLOSING && this != CLOSED;
    }
}
