/** Runs the command of {@code exec}, handles signals, and ends this process when it is out of memory. */
@NullMarked
package io.tokenguardian.process;

import org.jspecify.annotations.NullMarked;
