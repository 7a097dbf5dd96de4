/**
 * The tools for a laptop: {@code check --kubeconfig} and {@code explain}, and the jar that contains only these two. Nothing of
 * the sidecar uses this package, except where {@code cli} registers the commands.
 */
@NullMarked
package io.tokenguardian.laptop;

import org.jspecify.annotations.NullMarked;
