/**
 * The life of one request: its headers for the API server, the wait for a connection, its attempts, and its response.
 * Times of type {@code long} are in nanoseconds on the monotonic clock.
 */
@NullMarked
package io.tokenguardian.proxy.request;

import org.jspecify.annotations.NullMarked;
