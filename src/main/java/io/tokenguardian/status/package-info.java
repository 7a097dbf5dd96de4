/**
 * Presents a token's status in words, as JSON, as text and as SVG, and logs its changes. Does not change the status.
 */
@NullMarked
package io.tokenguardian.status;

import org.jspecify.annotations.NullMarked;
