/**
 * Writes files for the app, mainly a service-account directory with a token that replicas accept. A separate thread
 * writes the files, so that a failure affects no other part.
 */
@NullMarked
package io.tokenguardian.vetted;

import org.jspecify.annotations.NullMarked;
