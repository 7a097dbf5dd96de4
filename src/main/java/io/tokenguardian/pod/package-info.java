/** Writes the status of the token to the pod that the program runs in, as a condition and as events. */
@NullMarked
package io.tokenguardian.pod;

import org.jspecify.annotations.NullMarked;
