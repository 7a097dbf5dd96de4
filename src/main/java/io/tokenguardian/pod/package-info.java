/** Writes the status of the token to the program's own pod, as a condition and as events. */
@NullMarked
package io.tokenguardian.pod;

import org.jspecify.annotations.NullMarked;
