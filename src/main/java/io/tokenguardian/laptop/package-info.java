/** The tools for a laptop. Nothing of the sidecar uses this, except where {@code cli} registers the commands. */
@NullMarked
package io.tokenguardian.laptop;

import org.jspecify.annotations.NullMarked;
