/**
 * Estimates how far another machine's clock is ahead of this node's, from the whole seconds of HTTP {@code Date}
 * headers. Contains only arithmetic on samples, and two sources of local time. Uses no other package.
 */
@NullMarked
package io.tokenguardian.clock;

import org.jspecify.annotations.NullMarked;
