/**
 * The status, the page and {@code POST /quit} on the local listener, and {@code GET /q/drained} on the management
 * listener.
 */
@NullMarked
package io.tokenguardian.web;

import org.jspecify.annotations.NullMarked;
