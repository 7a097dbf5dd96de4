/** Tests of the manifests under {@code k8s/} and of what README tells to paste. */
@NullMarked
package io.tokenguardian.k8s;

import org.jspecify.annotations.NullMarked;
