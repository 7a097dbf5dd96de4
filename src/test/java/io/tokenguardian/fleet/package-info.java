/** Thousands of guardians and three API servers in simulated time: what a fleet costs, and how it recovers. */
@NullMarked
package io.tokenguardian.fleet;

import org.jspecify.annotations.NullMarked;
