package io.tokenguardian.proxy.request;

import io.tokenguardian.proxy.upstream.Lease;
import org.jspecify.annotations.Nullable;

/**
 * The stage of an {@link Exchange}, with what belongs to that stage:
 *
 * <pre>
 *  RECEIVING ──► HOLDING ◄─────────┐ no usable token, and waiting can help
 *      │            │              │ (left when a token is usable, or waiting can't help any more)
 *      └──────► LEASING ◄──────────┤ retry: after a stale connection, or a 401 that a retry may fix
 *                   │ upstream     │
 *                   ├──► Proving ──┤ (a proof is needed; proven: the upstream is leased again)
 *                   │              │
 *                 Sent ────────────┘
 *                   │ headers of the response
 *                   ├──► Relaying ──► OVER
 *                   └──► OVER (101: the tunnel goes on without the exchange)
 *
 *  any ──► OVER: the caller is gone, hold-timeout, shutdown, a fault
 * </pre>
 */
sealed interface Stage {

    /** Null if the stage has no upstream. */
    default @Nullable Lease lease() {
        return null;
    }

    /** Null if the request itself has not been sent. */
    default @Nullable Attempt attempt() {
        return null;
    }

    enum Unleased implements Stage {
        RECEIVING,
        HOLDING,
        LEASING,
        OVER
    }

    record Proving(Lease lease) implements Stage {}

    /** The request has been sent, and no response has begun. */
    record Sent(Lease lease, Attempt attempt) implements Stage {}

    record Relaying(Lease lease, Attempt attempt) implements Stage {}
}
