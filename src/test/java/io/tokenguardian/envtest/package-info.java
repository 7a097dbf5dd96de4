/**
 * Tests of the packaged program with unmodified API servers: etcd and kube-apiserver from the directory
 * {@code KUBEBUILDER_ASSETS}. They are skipped if this variable is not set.
 */
@NullMarked
package io.tokenguardian.envtest;

import org.jspecify.annotations.NullMarked;
