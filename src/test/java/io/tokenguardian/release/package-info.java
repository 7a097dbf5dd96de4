/** Tests of the release: its GitHub workflows and scripts, as far as they can run outside GitHub. */
@NullMarked
package io.tokenguardian.release;

import org.jspecify.annotations.NullMarked;
