/** Serves the status, the page and {@code POST /quit} locally, {@code GET /q/drained} on the management listener. */
@NullMarked
package io.tokenguardian.web;

import org.jspecify.annotations.NullMarked;
