/**
 * The connections to the API server: whether they are idle, leased or parked, which replicas accept the token, and how
 * many new connections a search opens. Times of type {@code long} are in nanoseconds on the monotonic clock.
 */
@NullMarked
package io.tokenguardian.proxy.upstream;

import org.jspecify.annotations.NullMarked;
