/**
 * Files written for the app, above all a service-account directory that holds an accepted token or none. They have a
 * thread of their own, so a failure here affects nothing else.
 */
@NullMarked
package io.tokenguardian.vetted;

import org.jspecify.annotations.NullMarked;
