/** Writes files for the app, on a separate thread, so that a failure affects no other part. */
@NullMarked
package io.tokenguardian.vetted;

import org.jspecify.annotations.NullMarked;
