/**
 * Files written for the app: a service-account directory that only ever holds an accepted token. Follows the guardian's
 * situation on a thread of its own; what goes wrong here stays here.
 */
@NullMarked
package io.tokenguardian.vetted;

import org.jspecify.annotations.NullMarked;
