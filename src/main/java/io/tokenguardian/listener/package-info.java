/**
 * What a stranger can do to a listener: how many connections there are at a time, what each may send, and what becomes of
 * those that can't be taken. The management and the local listener, which are Vert.x's, get all of it ({@link
 * io.tokenguardian.listener.BoundedTransport}). The proxy takes {@link io.tokenguardian.listener.ConnectionLimit} and {@link
 * io.tokenguardian.listener.AcceptFailures}, and has bounds of its own for what callers send.
 */
@NullMarked
package io.tokenguardian.listener;

import org.jspecify.annotations.NullMarked;
