/** Serves the status, the page and {@code POST /quit} locally. */
@NullMarked
package io.tokenguardian.web;

import org.jspecify.annotations.NullMarked;
