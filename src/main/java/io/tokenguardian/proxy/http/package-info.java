/**
 * HTTP/1.1 as bytes: strict decoders, encoders, framing, and limits on memory. This package does not depend on any
 * other package of the program.
 *
 * <p>Used by the higher packages:
 *
 * <ul>
 *   <li>{@link io.tokenguardian.proxy.http.StrictRequestDecoder} and
 *       {@link io.tokenguardian.proxy.http.CallerResponseEncoder}, for a caller's connection;
 *       {@link io.tokenguardian.proxy.http.StrictResponseDecoder} and
 *       {@link io.tokenguardian.proxy.http.UpstreamRequestEncoder}, for a connection to the API server
 *   <li>{@link io.tokenguardian.proxy.http.FramingRule}, and {@link io.tokenguardian.proxy.http.HeaderList}, the
 *       headers of a message
 *   <li>{@link io.tokenguardian.proxy.http.ProxyFault}, the faults and the proxy's own responses to them, and
 *       {@link io.tokenguardian.proxy.http.RequestRefusedException}
 *   <li>{@link io.tokenguardian.proxy.http.BufferShare}, {@link io.tokenguardian.proxy.http.ReceiveBuffers},
 *       {@link io.tokenguardian.proxy.http.ByteBudget} and {@link io.tokenguardian.proxy.http.HeadCharge}: memory
 *       limits
 * </ul>
 */
@NullMarked
package io.tokenguardian.proxy.http;

import org.jspecify.annotations.NullMarked;
