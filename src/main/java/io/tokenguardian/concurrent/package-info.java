/**
 * Threads that run one task repeatedly: their start, waits, end and health. Also contains the pauses between failed
 * attempts.
 */
@NullMarked
package io.tokenguardian.concurrent;

import org.jspecify.annotations.NullMarked;
