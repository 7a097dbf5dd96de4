/**
 * The life of one request: its headers for the API server, the wait for a token, its attempts, its retries, and its
 * response. {@link io.tokenguardian.proxy.request.Exchange} shows the stages.
 *
 * <p>Shown to {@code proxy.caller} and {@code proxy}:
 *
 * <ul>
 *   <li>{@link io.tokenguardian.proxy.request.Exchange}, made of an
 *       {@link io.tokenguardian.proxy.request.UpstreamRequest} for a {@link io.tokenguardian.proxy.request.Caller},
 *       which the connection of the caller implements
 *   <li>{@link io.tokenguardian.proxy.request.ResponseHeaders}: whether a response ends with its connection
 *   <li>{@link io.tokenguardian.proxy.request.RequestContext}, what all requests share, and
 *       {@link io.tokenguardian.proxy.request.EventLoopState}, the same for one event loop
 *   <li>to be implemented: {@link io.tokenguardian.proxy.request.RequestSettings},
 *       {@link io.tokenguardian.proxy.request.CredentialPolicy}, {@link io.tokenguardian.proxy.request.RequestCounters}
 *       with {@link io.tokenguardian.proxy.request.RetryReason} and {@link io.tokenguardian.proxy.request.SavedReason}
 * </ul>
 */
@NullMarked
package io.tokenguardian.proxy.request;

import org.jspecify.annotations.NullMarked;
