/**
 * The check from outside the cluster. From a kubeconfig, it finds the replicas behind the server, their clocks, and
 * which replica accepts which replica's tokens.
 */
@NullMarked
package io.tokenguardian.crosscheck;

import org.jspecify.annotations.NullMarked;
