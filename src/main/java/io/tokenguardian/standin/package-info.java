/**
 * A stand-in for the Kubernetes API server, for dev mode and tests. It is not part of the production build. Its
 * replicas have adjustable clocks, check tokens as real API servers were measured to do, and fail on demand.
 */
@NullMarked
package io.tokenguardian.standin;

import org.jspecify.annotations.NullMarked;
