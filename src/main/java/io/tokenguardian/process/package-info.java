/**
 * Runs the command of {@code exec}, handles signals, masks tokens in the output, releases the memory that was used at
 * startup, and ends this process when it is out of memory.
 */
@NullMarked
package io.tokenguardian.process;

import org.jspecify.annotations.NullMarked;
