/**
 * Estimates how far another machine's clock is ahead of this node's, from the whole seconds of HTTP {@code Date}
 * headers. Pure arithmetic over samples, and the two sources of local time; knows no other package.
 */
@NullMarked
package io.tokenguardian.clock;

import org.jspecify.annotations.NullMarked;
