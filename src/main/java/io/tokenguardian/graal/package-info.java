/** Code that only a native build needs. It removes unused code, orders the remaining code, and sizes the heap. */
@NullMarked
package io.tokenguardian.graal;

import org.jspecify.annotations.NullMarked;
