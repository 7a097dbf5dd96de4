/**
 * What only a native executable needs: substitutions that leave out unused code, the order and the size of the rest,
 * the initial heap size, and the release of memory pages from the startup.
 */
@NullMarked
package io.tokenguardian.graal;

import org.jspecify.annotations.NullMarked;
