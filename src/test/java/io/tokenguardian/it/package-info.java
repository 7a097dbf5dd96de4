/**
 * Tests of the packaged program, which runs as a process with the stand-in API server. They use the native executable
 * if the build has one, and the JVM otherwise.
 */
@NullMarked
package io.tokenguardian.it;

import org.jspecify.annotations.NullMarked;
