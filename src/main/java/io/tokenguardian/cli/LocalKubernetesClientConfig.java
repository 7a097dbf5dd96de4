package io.tokenguardian.cli;

import io.fabric8.kubernetes.client.Config;
import io.quarkus.kubernetes.client.KubernetesConfigCustomizer;
import io.tokenguardian.config.Settings;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;

/**
 * Points the program's own Kubernetes client at its own proxy, so that only the proxy handles tokens and TLS. Clears
 * the credentials, the CA and the proxy that fabric8 has found in the environment. Otherwise, the client would read the
 * token file itself and retry requests (docs/api-server.md, Client libraries).
 */
@Singleton
final class LocalKubernetesClientConfig implements KubernetesConfigCustomizer {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

    private final Settings settings;

    LocalKubernetesClientConfig(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void customize(Config config) {
        URI proxy = settings.proxy().uri();
        if (proxy == null) {
            throw new IllegalStateException("the Kubernetes client needs the proxy's port, which is not set");
        }
        config.setMasterUrl(proxy.toString());
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
        config.setOnlyHttpWatches(true);
        // ReplicaWatch reopens a watch itself. The client itself would keep reopening it forever, logging an error each
        // time.
        config.setWatchReconnectLimit(0);
    }
}
