/** The checks for kubelet's probes, {@code started}, {@code ready} and {@code live}, with details of the status. */
@NullMarked
package io.tokenguardian.health;

import org.jspecify.annotations.NullMarked;
