/**
 * What only a native executable needs: substitutions that leave out unused code, the order and the size of the rest,
 * the heap's sizes and ages, and the release of memory from the startup.
 */
@NullMarked
package io.tokenguardian.graal;

import org.jspecify.annotations.NullMarked;
