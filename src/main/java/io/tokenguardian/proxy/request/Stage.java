package io.tokenguardian.proxy.request;

/**
 * The stages of an {@link Exchange}:
 *
 * <pre>
 *  RECEIVING ──► HOLDING ◄─────────┐ no usable token, and waiting can help
 *      │            │              │ (left when a token is usable, or waiting can't help any more)
 *      └──────► LEASING ◄──────────┤ retry: after a stale connection, or a 401 that a retry may fix
 *                   │ upstream     │
 *                 SENT ────────────┘
 *                   │ headers of the response
 *                   ├──► RELAYING ──► OVER
 *                   └──► OVER (101: the tunnel goes on without the exchange)
 *
 *  any ──► OVER: the caller is gone, hold-timeout, shutdown, a fault
 * </pre>
 */
enum Stage {
    RECEIVING,
    HOLDING,
    LEASING,
    SENT,
    RELAYING,
    OVER
}
