/**
 * What waits for the verdict. Tells kubelet, by health checks, when the pod may start, serve and live on.
 */
@NullMarked
package io.tokenguardian.gate;

import org.jspecify.annotations.NullMarked;
