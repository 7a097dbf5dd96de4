/**
 * Files written for the app, mainly a service-account directory with a token that replicas accept. A separate thread
 * writes them, so a failure here affects no other part.
 */
@NullMarked
package io.tokenguardian.vetted;

import org.jspecify.annotations.NullMarked;
