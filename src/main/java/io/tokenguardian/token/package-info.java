/**
 * What the token file says. Reads and parses the projected service-account token, watches its mount and
 * publishes each change; judges nothing and knows no other package.
 */
@NullMarked
package io.tokenguardian.token;

import org.jspecify.annotations.NullMarked;
