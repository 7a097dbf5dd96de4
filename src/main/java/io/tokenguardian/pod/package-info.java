/** Writes the status of the token to the program's own pod, as a condition. */
@NullMarked
package io.tokenguardian.pod;

import org.jspecify.annotations.NullMarked;
