/**
 * HTTP/1.1 as bytes: strict decoders, encoders, framing, and limits on memory. It knows no other package of the
 * program.
 *
 * <p>Shown to the packages above:
 *
 * <ul>
 *   <li>{@link io.tokenguardian.proxy.http.StrictRequestDecoder} and
 *       {@link io.tokenguardian.proxy.http.CallerResponseEncoder}, of a caller's connection;
 *       {@link io.tokenguardian.proxy.http.StrictResponseDecoder} and
 *       {@link io.tokenguardian.proxy.http.UpstreamRequestEncoder}, of a connection to the API server
 *   <li>{@link io.tokenguardian.proxy.http.FramingRule}, and {@link io.tokenguardian.proxy.http.HeaderList} with the
 *       headers
 *   <li>{@link io.tokenguardian.proxy.http.ProxyFault}, the table of the proxy's own responses, and
 *       {@link io.tokenguardian.proxy.http.RequestRefusedException}
 *   <li>{@link io.tokenguardian.proxy.http.BufferShare}, {@link io.tokenguardian.proxy.http.ReceiveBuffers},
 *       {@link io.tokenguardian.proxy.http.ByteBudget} and {@link io.tokenguardian.proxy.http.HeadCharge}: limits on
 *       memory
 * </ul>
 */
@NullMarked
package io.tokenguardian.proxy.http;

import org.jspecify.annotations.NullMarked;
