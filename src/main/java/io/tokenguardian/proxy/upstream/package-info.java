/**
 * The connections to the API server: whether they are idle, leased or parked, which replicas accept the token, and how
 * many new connections a search opens.
 *
 * <p>Used by the higher packages:
 *
 * <ul>
 *   <li>{@link io.tokenguardian.proxy.upstream.UpstreamPool} takes a
 *       {@link io.tokenguardian.proxy.upstream.LeaseRequest} with its
 *       {@link io.tokenguardian.proxy.upstream.LeaseTokens}. It grants the
 *       {@link io.tokenguardian.proxy.upstream.Lease} of an {@link io.tokenguardian.proxy.upstream.Upstream}, or fails
 *       the request with a {@link io.tokenguardian.proxy.upstream.ConnectionFault}.
 *       {@link io.tokenguardian.proxy.upstream.LeaseEnd} lists how a lease can end
 *   <li>{@link io.tokenguardian.proxy.upstream.ResponseListener} gets the response, or an
 *       {@link io.tokenguardian.proxy.upstream.UpstreamFailure}
 *   <li>{@link io.tokenguardian.proxy.upstream.ReplicaTokens}, {@link io.tokenguardian.proxy.upstream.ResponseDates}
 *       and {@link io.tokenguardian.proxy.upstream.TokenRefusal} with its
 *       {@link io.tokenguardian.proxy.upstream.ValidityStart}: what a connection shows about its replica
 *   <li>{@link io.tokenguardian.proxy.upstream.ReplicaSearch} decides whether requests wait for a replica that accepts.
 *       {@link io.tokenguardian.proxy.upstream.Prober} sends its probes
 *   <li>used only by the wiring in {@code proxy}: {@link io.tokenguardian.proxy.upstream.ReplicaConnector},
 *       {@link io.tokenguardian.proxy.upstream.UpstreamConnector},
 *       {@link io.tokenguardian.proxy.upstream.KeepaliveSettings}
 *   <li>{@link io.tokenguardian.proxy.upstream.ProxyLog}, the log of all these packages
 * </ul>
 */
@NullMarked
package io.tokenguardian.proxy.upstream;

import org.jspecify.annotations.NullMarked;
