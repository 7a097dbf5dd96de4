/**
 * The check from outside the cluster: a kubeconfig, the replicas behind its server and their clocks, and which replica
 * accepts the tokens that each of them issues.
 */
@NullMarked
package io.tokenguardian.crosscheck;

import org.jspecify.annotations.NullMarked;
