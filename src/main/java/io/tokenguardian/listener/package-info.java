/**
 * What a stranger can do to a listener: how many connections there are at a time, what each may send, and what becomes of
 * those that can't be taken. The management and the local listener, which are Vert.x's, get all of it ({@link
 * io.tokenguardian.listener.BoundedTransport}); the proxy has bounds of its own, and takes {@link
 * io.tokenguardian.listener.AcceptFailures} alone.
 */
@NullMarked
package io.tokenguardian.listener;

import org.jspecify.annotations.NullMarked;
