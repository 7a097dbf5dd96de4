package io.tokenguardian.proxy;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * A bound listener.
 *
 * @param scheme {@code http}, {@code https} or {@code unix}
 */
public record BoundListener(String scheme, SocketAddress address) {

    /** For a Unix socket, this is {@code unix:} followed by the socket's path. */
    public String url() {
        return address instanceof InetSocketAddress tcp
                ? scheme + "://" + NetUtil.toSocketAddressString(tcp)
                : scheme + ":" + address;
    }
}
