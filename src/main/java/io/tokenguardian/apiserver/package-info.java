/**
 * The API server as seen from the pod: its address, its CA, its replicas, and probes over their own connections. This
 * package reports each result and its time; other packages judge the results.
 */
@NullMarked
package io.tokenguardian.apiserver;

import org.jspecify.annotations.NullMarked;
