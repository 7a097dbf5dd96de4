/**
 * Limits the connections to a listener and the data that each may send, and handles connections that can't be accepted.
 * The management and the local listener use all of this package ({@link io.tokenguardian.listener.BoundedTransport}).
 * The proxy has its own limits on requests. It uses only {@link io.tokenguardian.listener.ConnectionLimit},
 * {@link io.tokenguardian.listener.AcceptFailures} and its part of {@link io.tokenguardian.listener.FileLimit}.
 */
@NullMarked
package io.tokenguardian.listener;

import org.jspecify.annotations.NullMarked;
