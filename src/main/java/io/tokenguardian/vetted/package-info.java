/**
 * Files written for the app, above all a service-account directory with a token that replicas accept. They have their
 * own thread, so a failure here affects no other part.
 */
@NullMarked
package io.tokenguardian.vetted;

import org.jspecify.annotations.NullMarked;
