/**
 * The packaged program against the stand-in API server: started as a process, as people start it. Runs on the JVM, or
 * on the native executable when there is one.
 */
@NullMarked
package io.tokenguardian.it;

import org.jspecify.annotations.NullMarked;
