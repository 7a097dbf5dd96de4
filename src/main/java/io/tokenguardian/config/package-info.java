/** Reads and checks the settings, with their names, defaults and bounds. A wrong setting is reported in one line. */
@NullMarked
package io.tokenguardian.config;

import org.jspecify.annotations.NullMarked;
