/**
 * The local proxy: listeners, settings, counters, and the wiring of four subpackages (docs/architecture.md). All work
 * for one request is done on the event loop of the caller's connection. If a lower package needs something from a
 * higher package, it declares an interface, and the higher package implements it.
 */
@NullMarked
package io.tokenguardian.proxy;

import org.jspecify.annotations.NullMarked;
