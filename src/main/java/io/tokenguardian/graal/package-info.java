/**
 * What only a native executable needs: substitutions that leave out unused code, the initial heap size, and giving back
 * the pages that the start has touched.
 */
@NullMarked
package io.tokenguardian.graal;

import org.jspecify.annotations.NullMarked;
