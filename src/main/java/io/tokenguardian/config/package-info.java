/** Declares, reads and checks the settings. */
@NullMarked
package io.tokenguardian.config;

import org.jspecify.annotations.NullMarked;
