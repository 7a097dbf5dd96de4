/**
 * The program: its settings, its commands with their exit codes, and which part gets which. The one package that knows
 * all others.
 */
@NullMarked
package io.tokenguardian.cli;

import org.jspecify.annotations.NullMarked;
