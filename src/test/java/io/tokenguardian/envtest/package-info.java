/**
 * The packaged program against unmodified API servers: etcd and kube-apiserver of the directory
 * {@code KUBEBUILDER_ASSETS}. Skipped where that is not set.
 */
@NullMarked
package io.tokenguardian.envtest;

import org.jspecify.annotations.NullMarked;
