/**
 * The local proxy. Callers send it HTTP/1.1: over TLS on the in-cluster listener, in plain text on the others. It
 * passes their requests on to the API server over TLS, with the token in use. It holds requests while no token is
 * usable, and retries a 401 that a retry may fix.
 *
 * <p>This package has the listeners, the settings, the counters, and the wiring of four packages. Each knows only the
 * packages after it. All work for one request is done on the event loop of the caller's connection:
 *
 * <pre>
 *  proxy.caller ──────► proxy.request ──────► proxy.upstream
 *  CallerHandler:       Exchange: hold,       UpstreamPool: leases (one per loop)
 *  one request at a     lease, retry          Upstream: one connection ──► API server
 *  time, rules               │                        │
 *       │                    ▼                        │
 *       └─────────────► proxy.http ◄──────────────────┘
 *                       decoders, encoders, faults, limits on memory
 * </pre>
 *
 * A lower package that needs something of a higher package declares an interface, which the higher package implements.
 *
 * <p>The other parts of the program use only this package: {@link io.tokenguardian.proxy.LocalProxy}, its settings and
 * counters, and {@link io.tokenguardian.proxy.StaleCallers}.
 */
@NullMarked
package io.tokenguardian.proxy;

import org.jspecify.annotations.NullMarked;
