/** Runs the command of {@code exec}, handles signals, masks tokens in the output, and releases startup memory. */
@NullMarked
package io.tokenguardian.process;

import org.jspecify.annotations.NullMarked;
