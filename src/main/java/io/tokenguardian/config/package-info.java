/**
 * Declares the settings, with their names, defaults and bounds, and reads and checks them. Reports an invalid setting
 * in one line.
 */
@NullMarked
package io.tokenguardian.config;

import org.jspecify.annotations.NullMarked;
