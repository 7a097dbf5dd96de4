/**
 * The API server as seen from the pod: its address, its CA, and one question, asked over connections of its own.
 * Reports what came back and when; what that means is for others.
 */
@NullMarked
package io.tokenguardian.apiserver;

import org.jspecify.annotations.NullMarked;
