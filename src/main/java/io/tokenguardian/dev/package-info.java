/**
 * A stand-in for the Kubernetes API server: replicas whose clocks can be set, which judge tokens as the real ones were
 * measured to, and misbehave on demand. Runs in dev mode and in tests; the production build leaves it out.
 */
@NullMarked
package io.tokenguardian.dev;

import org.jspecify.annotations.NullMarked;
