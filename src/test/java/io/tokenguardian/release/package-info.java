/** What a version is made by: the workflows of the forge and their scripts, as far as they can run without one. */
@NullMarked
package io.tokenguardian.release;

import org.jspecify.annotations.NullMarked;
