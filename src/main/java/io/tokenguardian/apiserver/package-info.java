/** The API server as seen from the pod. Reports each result and its time; other packages judge the results. */
@NullMarked
package io.tokenguardian.apiserver;

import org.jspecify.annotations.NullMarked;
