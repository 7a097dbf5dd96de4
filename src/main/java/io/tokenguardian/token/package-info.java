/**
 * Reads, parses and watches the file of the projected service-account token, and publishes each change. Does not judge
 * the token. Uses only the package {@code concurrent}.
 */
@NullMarked
package io.tokenguardian.token;

import org.jspecify.annotations.NullMarked;
