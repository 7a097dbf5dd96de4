/**
 * The native executable in pods of a real Kubernetes, whose API servers have clocks of their own where the cluster is
 * this machine's. Run by {@code -Dcluster}.
 */
@NullMarked
package io.tokenguardian.cluster;

import org.jspecify.annotations.NullMarked;
