/** Tests of the manifests under {@code k8s/}, and of the snippets in the README. */
@NullMarked
package io.tokenguardian.k8s;

import org.jspecify.annotations.NullMarked;
