/**
 * A stand-in for the Kubernetes API server, in dev mode and tests; the production build leaves it out. Its replicas
 * have clocks that can be set, judge tokens as measured on real API servers, and fail on demand.
 */
@NullMarked
package io.tokenguardian.dev;

import org.jspecify.annotations.NullMarked;
