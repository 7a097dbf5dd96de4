/**
 * The health checks {@code started}, {@code ready} and {@code live} for kubelet's probes, with details of the status.
 */
@NullMarked
package io.tokenguardian.health;

import org.jspecify.annotations.NullMarked;
