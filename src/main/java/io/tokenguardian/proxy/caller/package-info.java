/**
 * A caller's connection: its TLS, the rules for its requests, tunnels, and how it is closed. A connection reads one
 * request at a time, and creates an {@link io.tokenguardian.proxy.request.Exchange} for each request.
 */
@NullMarked
package io.tokenguardian.proxy.caller;

import org.jspecify.annotations.NullMarked;
