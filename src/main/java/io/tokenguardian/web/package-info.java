/**
 * On the local listener: the status, the page with the clock offsets of the last hour, and {@code POST /quit}. On the
 * management listener: {@code GET /q/drained}.
 */
@NullMarked
package io.tokenguardian.web;

import org.jspecify.annotations.NullMarked;
