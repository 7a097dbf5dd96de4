/**
 * The local proxy: callers speak plain HTTP/1.1 to it, the API server sees TLS and the token in use. It injects the
 * token, holds requests while none is accepted, replays the 401s that only time heals, and otherwise gets out of the
 * way.
 *
 * <p>How data flows; all of one request happens on one event loop, the one of the caller's connection:
 *
 * <pre>
 *  caller ──► StrictRequestDecoder ──► CallerHandler ──► Exchange ◄──► UpstreamPool (one an event loop)
 *                 framing             one at a time,       │  ▲            │ leases, connections set aside
 *                                     RequestRules         │  │            ▼
 *                                                 request  │  │ answer   Upstream: HTTP/1.1 connection
 *                                                          ▼  │                    or HTTP/2 stream
 *                                                         API server
 * </pre>
 *
 * {@link io.tokenguardian.proxy.Exchange} draws a request's life. {@link io.tokenguardian.proxy.RefusalJudge} says
 * what a 401 means, {@link io.tokenguardian.proxy.ProxyFault} is the table of what the proxy answers itself.
 */
@NullMarked
package io.tokenguardian.proxy;

import org.jspecify.annotations.NullMarked;
