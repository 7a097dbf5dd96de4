package io.tokenguardian.proxy;

import io.tokenguardian.HangDetector;
import io.tokenguardian.listener.FileLimit;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.testing.DefaultSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The default settings on a free port and one event loop, except what a test is about. */
public final class SettingsDraft {
    private static final ProxySettings DEFAULTS = DefaultSettings.proxy();

    private @Nullable InetSocketAddress listen = RunningProxy.ANY_PORT;
    private @Nullable Path unixSocket;
    private ProxySettings.@Nullable InCluster inCluster;
    private Duration holdTimeout = DEFAULTS.holdTimeout();
    private long replayLimit = DEFAULTS.replayLimit();
    private List<String> acceptHosts = DEFAULTS.acceptHosts();
    private AuthorizationPolicy authorization = DEFAULTS.authorization();
    private Duration connectTimeout = HangDetector.TIMEOUT;
    private boolean passThrough;
    int threads = 1;
    ProxyCapacity capacity = ProxyCapacity.within(FileLimit.read());

    /** The monotonic clock. */
    LongSupplier nanoTime = System::nanoTime;

    SettingsDraft unixSocket(Path path) {
        unixSocket = path;
        listen = null;
        return this;
    }

    SettingsDraft inCluster(Path directory) {
        return inCluster(new ProxySettings.InCluster(RunningProxy.ANY_PORT, directory));
    }

    SettingsDraft inCluster(ProxySettings.InCluster settings) {
        inCluster = settings;
        return this;
    }

    SettingsDraft holdTimeout(Duration timeout) {
        holdTimeout = timeout;
        return this;
    }

    SettingsDraft replayLimit(long bytes) {
        replayLimit = bytes;
        return this;
    }

    SettingsDraft acceptHosts(String... hosts) {
        acceptHosts = List.of(hosts);
        return this;
    }

    SettingsDraft authorization(AuthorizationPolicy policy) {
        authorization = policy;
        return this;
    }

    SettingsDraft connectTimeout(Duration timeout) {
        connectTimeout = timeout;
        return this;
    }

    SettingsDraft passThrough() {
        passThrough = true;
        return this;
    }

    SettingsDraft threads(int number) {
        threads = number;
        return this;
    }

    SettingsDraft capacity(int callers, int upstreams) {
        capacity = new ProxyCapacity(callers, upstreams);
        return this;
    }

    SettingsDraft nanoTime(LongSupplier clock) {
        nanoTime = clock;
        return this;
    }

    public ProxySettings settings() {
        return new ProxySettings(
                listen,
                unixSocket,
                inCluster,
                holdTimeout,
                replayLimit,
                acceptHosts,
                authorization,
                DEFAULTS.leeway(),
                connectTimeout,
                passThrough);
    }
}
