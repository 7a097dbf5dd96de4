/** Reads, parses and watches the file of the projected service-account token. Does not judge the token. */
@NullMarked
package io.tokenguardian.token;

import org.jspecify.annotations.NullMarked;
