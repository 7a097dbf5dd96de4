/**
 * The control loop, from token file to verdict, and the escrow. Decides when to ask and publishes what came of it;
 * how to ask, and what answers mean, is for the packages below.
 */
@NullMarked
package io.tokenguardian.guardian;

import org.jspecify.annotations.NullMarked;
