/**
 * Runs the command of {@code exec}, handles signals, ends this process when it is out of memory, and copies the program
 * for {@code install}.
 */
@NullMarked
package io.tokenguardian.process;

import org.jspecify.annotations.NullMarked;
