package io.tokenguardian.proxy;

/**
 * Where the API server is.
 *
 * @param host a DNS name or an IP address; IPv6 without brackets
 * @param port 1 to 65535
 * @param serverName the name to verify, and to send as SNI unless it is an IP address
 */
public record UpstreamAddress(String host, int port, String serverName) {

    /** What requests say in {@code Host}. */
    String authority() {
        String name = serverName.indexOf(':') < 0 ? serverName : "[" + serverName + "]";
        return port == 443 ? name : name + ":" + port;
    }
}
