/**
 * How far another machine's clock is off this node's, known only by the whole seconds of HTTP {@code Date} headers.
 * Pure arithmetic over samples, and the two sources of local time; knows no other package.
 */
@NullMarked
package io.tokenguardian.clock;

import org.jspecify.annotations.NullMarked;
