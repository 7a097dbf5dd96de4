/**
 * Reads, parses and watches the file of the projected service-account token, and publishes each change. Makes no
 * judgement about the token; knows only {@code concurrent}.
 */
@NullMarked
package io.tokenguardian.token;

import org.jspecify.annotations.NullMarked;
