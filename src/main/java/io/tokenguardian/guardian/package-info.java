/**
 * The control loop, from token file to verdict, and the token in use. It decides when to probe and publishes the token
 * status; {@code apiserver} sends the probes, and {@code verdict} judges the results.
 */
@NullMarked
package io.tokenguardian.guardian;

import org.jspecify.annotations.NullMarked;
