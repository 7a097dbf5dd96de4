/**
 * The connections to the API server: which tokens their replicas accept, and which request gets which connection. Times
 * of type {@code long} are in nanoseconds on the monotonic clock.
 */
@NullMarked
package io.tokenguardian.proxy.upstream;

import org.jspecify.annotations.NullMarked;
