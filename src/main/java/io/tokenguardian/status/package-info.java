/** Presents a token's status as a sentence, JSON, text and SVG, and logs its changes. Never changes the status. */
@NullMarked
package io.tokenguardian.status;

import org.jspecify.annotations.NullMarked;
