/**
 * Limits the connections to a listener and the data that each connection may send. {@code BoundedTransport} applies all
 * of this to the management listener and the local listener. The proxy uses a part.
 */
@NullMarked
package io.tokenguardian.listener;

import org.jspecify.annotations.NullMarked;
