/**
 * Code that only a native build needs. It removes unused code, orders the remaining code, and determines the heap's
 * sizes and when an object counts as old.
 */
@NullMarked
package io.tokenguardian.graal;

import org.jspecify.annotations.NullMarked;
