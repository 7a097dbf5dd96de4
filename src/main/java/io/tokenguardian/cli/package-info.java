/**
 * The program's entry point, its commands and exit codes, and the wiring of all parts. This is the only package that
 * depends on all other packages.
 */
@NullMarked
package io.tokenguardian.cli;

import org.jspecify.annotations.NullMarked;
