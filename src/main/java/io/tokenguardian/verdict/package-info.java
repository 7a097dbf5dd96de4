/**
 * Pure rules that derive a verdict from a token, clocks, probe results and the current time. Contains no clock, no
 * thread and no connection.
 */
@NullMarked
package io.tokenguardian.verdict;

import org.jspecify.annotations.NullMarked;
