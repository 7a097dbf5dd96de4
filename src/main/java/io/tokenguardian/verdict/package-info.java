/**
 * Pure rules that turn a token, clocks, probe results and the present time into a verdict and the time of the next
 * probe. Contains no clock, no thread and no connection.
 */
@NullMarked
package io.tokenguardian.verdict;

import org.jspecify.annotations.NullMarked;
