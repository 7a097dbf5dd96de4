/**
 * The program's entry point, its commands with their exit codes, and the wiring of all parts. This is the only package
 * that knows all others.
 */
@NullMarked
package io.tokenguardian.cli;

import org.jspecify.annotations.NullMarked;
