/**
 * The check from outside the cluster. With a kubeconfig, it finds the replicas behind the server, their clocks, and
 * which replica accepts whose tokens.
 */
@NullMarked
package io.tokenguardian.crosscheck;

import org.jspecify.annotations.NullMarked;
