/** The program's entry point, the sidecar's commands, and the wiring of all parts. */
@NullMarked
package io.tokenguardian.cli;

import org.jspecify.annotations.NullMarked;
