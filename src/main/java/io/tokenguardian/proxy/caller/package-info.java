/**
 * A caller's connection: its TLS, the rules for its requests, the proxy's own responses, tunnels, and its end. It reads
 * one request at a time, and makes an {@link io.tokenguardian.proxy.request.Exchange} of each request.
 *
 * <p>Shown to {@code proxy}:
 *
 * <ul>
 *   <li>{@link io.tokenguardian.proxy.caller.CallerHandler}, one connection, and
 *       {@link io.tokenguardian.proxy.caller.LoopCallers}, all connections of an event loop
 *   <li>{@link io.tokenguardian.proxy.caller.CallerContext}, what they share, and
 *       {@link io.tokenguardian.proxy.caller.RequestRule}
 *   <li>{@link io.tokenguardian.proxy.caller.InClusterTls}
 *   <li>to be implemented: {@link io.tokenguardian.proxy.caller.RuleSettings},
 *       {@link io.tokenguardian.proxy.caller.CallerTokens}, {@link io.tokenguardian.proxy.caller.CallerCounters}
 * </ul>
 */
@NullMarked
package io.tokenguardian.proxy.caller;

import org.jspecify.annotations.NullMarked;
