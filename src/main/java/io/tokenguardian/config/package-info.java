/** Reads and checks the settings, and has their names, defaults and bounds. Reports a wrong setting in one line. */
@NullMarked
package io.tokenguardian.config;

import org.jspecify.annotations.NullMarked;
