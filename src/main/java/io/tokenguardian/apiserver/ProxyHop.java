package io.tokenguardian.apiserver;

import io.netty.channel.ChannelHandler;
import java.net.InetAddress;
import java.time.Duration;

/** A forward proxy, which resolves the API server's name. Its {@code toString}, for messages, shows no credential. */
public interface ProxyHop {
    String host();

    /** Creates the handler that must precede TLS. The timeout is the proxy's, for its connection to the API server. */
    ChannelHandler newHandler(InetAddress address, Duration timeout);
}
