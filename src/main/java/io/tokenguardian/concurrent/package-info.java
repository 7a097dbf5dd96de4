/**
 * Threads that do one thing again and again: how they start, wait, end and are watched, and how long they pause after a
 * failure.
 */
@NullMarked
package io.tokenguardian.concurrent;

import org.jspecify.annotations.NullMarked;
