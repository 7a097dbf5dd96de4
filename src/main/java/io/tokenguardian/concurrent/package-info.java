/**
 * Threads that run one task repeatedly: how they start, wait, end and are watched. Also the pauses between failed
 * attempts.
 */
@NullMarked
package io.tokenguardian.concurrent;

import org.jspecify.annotations.NullMarked;
