/**
 * The local proxy. Callers send HTTP/1.1 requests: over TLS to the in-cluster listener, in plain text to the other
 * listeners. The proxy forwards these requests to the API server over TLS, with the token in use. It holds requests
 * while no token is usable, and retries after a 401 that a retry may fix.
 *
 * <p>This package contains the listeners, the settings, the counters, and the wiring of four subpackages. Each
 * subpackage depends only on the packages to which its arrows point. All work for one request is done on the event loop
 * of the caller's connection:
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
 * If a lower package needs something from a higher package, it declares an interface, and the higher package implements
 * it.
 *
 * <p>The other parts of the program use only this package: {@link io.tokenguardian.proxy.LocalProxy} with each
 * {@link io.tokenguardian.proxy.BoundListener}, its settings and counters, and
 * {@link io.tokenguardian.proxy.StaleCallers}.
 */
@NullMarked
package io.tokenguardian.proxy;

import org.jspecify.annotations.NullMarked;
