/**
 * What the evidence amounts to. Pure rules from token, clocks, answers and now to a verdict and to the moment of the
 * next look; no clock, no thread and no connection is in here.
 */
@NullMarked
package io.tokenguardian.verdict;

import org.jspecify.annotations.NullMarked;
