/**
 * A caller's connection: its TLS, the rules for its requests, the proxy's own responses, tunnels, and how it is closed.
 * A connection reads one request at a time, and creates an {@link io.tokenguardian.proxy.request.Exchange} for each
 * request.
 *
 * <p>Used by {@code proxy}:
 *
 * <ul>
 *   <li>{@link io.tokenguardian.proxy.caller.CallerHandler}, which handles one connection, and
 *       {@link io.tokenguardian.proxy.caller.LoopCallers}, which manages all connections of an event loop
 *   <li>{@link io.tokenguardian.proxy.caller.CallerContext}, the objects that all connections share, and
 *       {@link io.tokenguardian.proxy.caller.RequestRule}
 *   <li>{@link io.tokenguardian.proxy.caller.InClusterTls}
 *   <li>interfaces that {@code proxy} implements: {@link io.tokenguardian.proxy.caller.CallerTokens},
 *       {@link io.tokenguardian.proxy.caller.CallerCounters}
 * </ul>
 */
@NullMarked
package io.tokenguardian.proxy.caller;

import org.jspecify.annotations.NullMarked;
