/**
 * The control loop, from token file to verdict. It selects the token in use, decides when to probe, and publishes the
 * status. The package {@code apiserver} sends the probes, and {@code verdict} judges the results.
 */
@NullMarked
package io.tokenguardian.guardian;

import org.jspecify.annotations.NullMarked;
