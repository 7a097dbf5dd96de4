/**
 * Code that only a native build needs: substitutions that remove unused code, the order of the remaining code, and the
 * heap's sizes and object ages.
 */
@NullMarked
package io.tokenguardian.graal;

import org.jspecify.annotations.NullMarked;
