package io.tokenguardian.cli;

import io.fabric8.kubernetes.client.Config;
import io.quarkus.kubernetes.client.KubernetesConfigCustomizer;
import io.tokenguardian.proxy.LocalProxy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;

/**
 * Points the program's own Kubernetes client at a listener of its own proxy, so that only the proxy handles tokens and
 * TLS. The listener accepts only requests with a secret, and does not count them as requests of callers. Clears the
 * credentials, the CA and the proxy that fabric8 has found in the environment. Otherwise, the client would read the
 * token file itself and retry requests (docs/api-server.md, Client libraries).
 */
@Singleton
final class LocalKubernetesClientConfig implements KubernetesConfigCustomizer {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

    private static final int SECRET_BYTES = 32;

    private final LocalProxy proxy;

    LocalKubernetesClientConfig(LocalProxy proxy) {
        this.proxy = proxy;
    }

    @Override
    public void customize(Config config) {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        String credential = "Bearer " + HexFormat.of().formatHex(secret);
        try {
            config.setMasterUrl(proxy.listenForOwnClient(credential).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        config.setCustomHeaders(Map.of("Proxy-Authorization", credential));
        config.setOauthTokenProvider(() -> "");
        config.setOauthToken(null);
        config.setAutoOAuthToken(null);
        config.setUsername(null);
        config.setPassword(null);
        config.setAuthProvider(null);
        config.setCaCertFile(null);
        config.setCaCertData(null);
        config.setClientCertFile(null);
        config.setClientCertData(null);
        config.setClientKeyFile(null);
        config.setClientKeyData(null);
        config.setHttpProxy(null);
        config.setHttpsProxy(null);
        config.setAutoConfigure(false);
        config.setConnectionTimeout(Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
        config.setRequestTimeout(Math.toIntExact(REQUEST_TIMEOUT.toMillis()));
        config.setRequestRetryBackoffLimit(0);
    }
}
