/**
 * Presents a token's status in words, as JSON, as text and as SVG, and logs changes to it. Never changes the status.
 */
@NullMarked
package io.tokenguardian.status;

import org.jspecify.annotations.NullMarked;
