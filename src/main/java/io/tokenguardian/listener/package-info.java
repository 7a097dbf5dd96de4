/**
 * Limits the connections to a listener and the data that each connection may send, and handles connections that can't
 * be accepted. The management listener and the local listener use the whole package
 * ({@link io.tokenguardian.listener.BoundedTransport}). The proxy has its own limits on requests. From this package, it
 * uses only {@link io.tokenguardian.listener.ConnectionLimit}, {@link io.tokenguardian.listener.AcceptFailures} and its
 * own limit in {@link io.tokenguardian.listener.FileLimit}.
 */
@NullMarked
package io.tokenguardian.listener;

import org.jspecify.annotations.NullMarked;
