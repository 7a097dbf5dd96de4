/** HTTP/1.1 as bytes: strict decoders, encoders, framing, and memory limits. Depends on no other package. */
@NullMarked
package io.tokenguardian.proxy.http;

import org.jspecify.annotations.NullMarked;
