package io.tokenguardian.proxy.caller;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.NetUtil;
import io.tokenguardian.proxy.upstream.ProxyLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * TLS for the in-cluster listener: version 1.3 or 1.2, and HTTP/1.1 for a client that uses ALPN. Each start creates a
 * new key and certificate, signed by {@link InClusterAuthority}. Thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // only the listener is needed
public final class InClusterTls {

    /** How long a TLS handshake may take before the connection is closed. */
    public static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    /** The names of the {@code kubernetes} service, and the loopback names and addresses. */
    private static final List<String> HOSTS = List.of(
            "127.0.0.1",
            "::1",
            "localhost",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local");

    /** The most cached sessions, for clients that resume sessions without tickets. Java's default is 20,480. */
    private static final int SESSIONS = 256;

    private final InClusterAuthority authority;
    private final List<String> hosts;
    private final SSLContext context;

    private InClusterTls(InClusterAuthority authority, List<String> hosts, SSLContext context) {
        this.authority = authority;
        this.hosts = hosts;
        this.context = context;
    }

    /**
     * Opens or creates the authority, and creates a certificate.
     *
     * @param directory where the authority is kept
     * @throws IOException if the authority can't be stored; the message is a single human-readable line
     */
    public static InClusterTls open(InetSocketAddress listen, Path directory) throws IOException {
        InClusterAuthority authority = InClusterAuthority.open(directory);
        List<String> hosts = hosts(listen.getAddress());
        try {
            KeyPair keys = InClusterAuthority.newKeys();
            X509Certificate certificate = authority.certify(keys.getPublic(), hosts);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(keys.getPrivate(), certificate), new TrustManager[0], null); // no client's
            context.getServerSessionContext().setSessionCacheSize(SESSIONS);
            return new InClusterTls(authority, hosts, context);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no TLS with ECDSA", e);
        }
    }

    /** Uses a JKS, because a PKCS #12 would take 0.1 s to encrypt the key and decrypt it again. */
    private static KeyManager[] keyManagers(PrivateKey key, X509Certificate certificate)
            throws GeneralSecurityException, IOException {
        char[] password = "never leaves the process".toCharArray();
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        store.setKeyEntry("in-cluster", key, password, new X509Certificate[] {certificate});
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static List<String> hosts(InetAddress listen) {
        List<String> hosts = new ArrayList<>(HOSTS);
        String address = NetUtil.toAddressString(listen);
        if (!listen.isAnyLocalAddress() && !hosts.contains(address)) {
            hosts.add(address);
        }
        return List.copyOf(hosts);
    }

    public List<String> hosts() {
        return hosts;
    }

    public String caPem() {
        return authority.pem();
    }

    /** Adds the first handlers of a connection. If the handshake takes too long, writes a line to the log. */
    public void install(Channel channel) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        engine.setSSLParameters(parameters);
        CallerSslHandler handler = new CallerSslHandler(engine);
        handler.setHandshakeTimeoutMillis(HANDSHAKE_TIMEOUT.toMillis());
        channel.pipeline().addLast(handler.limit(), handler);
        handler.handshakeFuture().addListener(handshake -> {
            if (handshake.cause() instanceof SslHandshakeTimeoutException) {
                ProxyLog.connectionFailed(channel, handshake.cause());
            }
        });
    }

    static boolean isShakingHands(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        return handler != null && !handler.handshakeFuture().isDone();
    }
}
