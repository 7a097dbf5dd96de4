/**
 * Serves the status, the page with the clock offsets of the last hour, and {@code POST /quit} on the local listener,
 * and {@code GET /q/drained} on the management listener.
 */
@NullMarked
package io.tokenguardian.web;

import org.jspecify.annotations.NullMarked;
