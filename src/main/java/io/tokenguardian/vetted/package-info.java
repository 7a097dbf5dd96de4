/**
 * Files written for the app, above all a service-account directory that only ever holds an accepted token. A thread of
 * their own updates them, so that a failure here affects nothing else.
 */
@NullMarked
package io.tokenguardian.vetted;

import org.jspecify.annotations.NullMarked;
