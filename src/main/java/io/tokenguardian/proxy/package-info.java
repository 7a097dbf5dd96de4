/**
 * The local proxy: callers send it HTTP/1.1, over TLS on the in-cluster listener and in plain text on the others, and
 * it passes their requests on to the API server over TLS with the token in use. It holds requests while no token is
 * usable, and retries a 401 that a retry may fix.
 *
 * <p>The flow of data. All work for one request is done on one event loop, that of the caller's connection:
 *
 * <pre>
 *  caller ──► StrictRequestDecoder ──► CallerHandler ──► Exchange ◄──► UpstreamPool (one per loop)
 *                 framing             one at a time,       │               │ leases, parked connections
 *                                     RequestRules         ▼               ▼
 *                                                       Attempt ◄──────► Upstream: HTTP/1.1 connection
 *                                                       relay, retry       ▲
 *                                                                          ▼
 *                                                                      API server
 * </pre>
 *
 * {@link io.tokenguardian.proxy.Exchange} shows the stages of a request. {@link io.tokenguardian.proxy.RetryPolicy}
 * decides about a 401. {@link io.tokenguardian.proxy.ProxyFault} is the table of the proxy's own responses.
 */
@NullMarked
package io.tokenguardian.proxy;

import org.jspecify.annotations.NullMarked;
