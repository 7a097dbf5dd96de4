package io.tokenguardian.apiserver;

import io.netty.channel.ChannelHandler;
import java.net.InetAddress;
import java.time.Duration;

/**
 * A forward proxy on the way to the API server. It resolves the API server's name, and passes TLS on unchanged. Its
 * {@code toString} describes it for messages, without a credential.
 */
public interface ProxyHop {
    /** Returns the DNS name or IP address of the proxy. */
    String host();

    /**
     * Creates the handler that must precede TLS in the pipeline.
     *
     * @param address the proxy's address
     * @param timeout the time limit for the proxy to connect to the API server
     */
    ChannelHandler newHandler(InetAddress address, Duration timeout);
}
