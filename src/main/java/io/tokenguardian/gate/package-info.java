/**
 * What waits for the verdict. Tells kubelet, by health checks, when the pod may start, serve and live on, and tells whoever
 * looks at the pod, by a condition and events, what becomes of its token.
 */
@NullMarked
package io.tokenguardian.gate;

import org.jspecify.annotations.NullMarked;
