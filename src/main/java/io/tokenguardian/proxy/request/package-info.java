/**
 * The life of one request: its headers for the API server, the wait for a token, its attempts, its retries, and its
 * response. {@link io.tokenguardian.proxy.request.Stage} shows the stages.
 *
 * <p>Used by {@code proxy.caller} and {@code proxy}:
 *
 * <ul>
 *   <li>{@link io.tokenguardian.proxy.request.Exchange}, created for an
 *       {@link io.tokenguardian.proxy.request.UpstreamRequest} and a {@link io.tokenguardian.proxy.request.Caller},
 *       which the caller's connection implements
 *   <li>{@link io.tokenguardian.proxy.request.ResponseHeaders}, which shows whether a response ends with its connection
 *   <li>{@link io.tokenguardian.proxy.request.RequestContext}, the objects that all requests share, and
 *       {@link io.tokenguardian.proxy.request.EventLoopState}, the state that the requests of one event loop share
 *   <li>interfaces that these packages implement: {@link io.tokenguardian.proxy.request.RequestSettings},
 *       {@link io.tokenguardian.proxy.request.CredentialPolicy}, {@link io.tokenguardian.proxy.request.RequestCounters}
 *       with {@link io.tokenguardian.proxy.request.RetryReason} and {@link io.tokenguardian.proxy.request.SavedReason}
 * </ul>
 */
@NullMarked
package io.tokenguardian.proxy.request;

import org.jspecify.annotations.NullMarked;
