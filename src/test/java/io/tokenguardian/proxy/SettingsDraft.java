package io.tokenguardian.proxy;

import com.google.re2j.Pattern;
import io.tokenguardian.HangDetector;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.ProxySettings.Keepalive;
import io.tokenguardian.proxy.RuleCase.Rules;
import io.tokenguardian.testing.DefaultSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The default settings on a free port, except the settings that a test is about. */
public final class SettingsDraft {
    private static final ProxySettings DEFAULTS = DefaultSettings.proxy();

    private @Nullable InetSocketAddress listen = RunningProxy.ANY_PORT;
    private @Nullable Path unixSocket;
    private ProxySettings.@Nullable InCluster inCluster;
    private Duration holdTimeout = DEFAULTS.holdTimeout();
    private long replayLimit = DEFAULTS.replayLimit();
    private long replayTotal = DEFAULTS.replayTotal();
    private int maxHeld = DEFAULTS.maxHeld();
    private List<Pattern> acceptHosts = DEFAULTS.rules().acceptHosts();
    private List<Pattern> acceptPaths = DEFAULTS.rules().acceptPaths();
    private List<Pattern> rejectPaths = DEFAULTS.rules().rejectPaths();
    private List<Pattern> rejectMethods = DEFAULTS.rules().rejectMethods();
    private AuthorizationPolicy authorization = DEFAULTS.authorization();
    private Duration connectTimeout = HangDetector.TIMEOUT;
    private Keepalive keepalive = DEFAULTS.keepalive();
    private boolean passThrough;

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

    SettingsDraft replayTotal(long bytes) {
        replayTotal = bytes;
        return this;
    }

    SettingsDraft maxHeld(int max) {
        maxHeld = max;
        return this;
    }

    SettingsDraft acceptPaths(String... patterns) {
        acceptPaths = patterns(patterns);
        return this;
    }

    SettingsDraft rejectPaths(String... patterns) {
        rejectPaths = patterns(patterns);
        return this;
    }

    SettingsDraft rejectMethods(String... patterns) {
        rejectMethods = patterns(patterns);
        return this;
    }

    public SettingsDraft rules(Rules rules) {
        acceptHosts = patterns(rules.acceptHosts());
        acceptPaths = patterns(rules.acceptPaths());
        rejectPaths = patterns(rules.rejectPaths());
        rejectMethods = patterns(rules.rejectMethods());
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

    SettingsDraft keepalive(Keepalive keepalive) {
        this.keepalive = keepalive;
        return this;
    }

    SettingsDraft passThrough() {
        passThrough = true;
        return this;
    }

    private static List<Pattern> patterns(String... patterns) {
        String text = String.join(",", patterns);
        return text.isEmpty() ? List.of() : RulePatterns.parse(text);
    }

    public ProxySettings settings() {
        return new ProxySettings(
                listen,
                unixSocket,
                inCluster,
                holdTimeout,
                replayLimit,
                replayTotal,
                maxHeld,
                new ProxySettings.Rules(acceptHosts, acceptPaths, rejectPaths, rejectMethods),
                authorization,
                DEFAULTS.leeway(),
                connectTimeout,
                keepalive,
                passThrough);
    }
}
