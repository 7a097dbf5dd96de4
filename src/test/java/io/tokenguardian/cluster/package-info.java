/**
 * Tests of the native executable in pods of a real Kubernetes cluster. On this machine's cluster, each API server has
 * its own clock. {@code -Dcluster} runs these tests.
 */
@NullMarked
package io.tokenguardian.cluster;

import org.jspecify.annotations.NullMarked;
