/**
 * What only a native build needs: substitutions that leave out unused code, the order of the remaining code, and the
 * heap's sizes and ages.
 */
@NullMarked
package io.tokenguardian.graal;

import org.jspecify.annotations.NullMarked;
