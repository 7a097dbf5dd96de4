package io.tokenguardian.config;

import io.netty.util.NetUtil;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.ReadyFollows;
import io.tokenguardian.proxy.ProxySettings;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.vetted.FileAccess;
import io.tokenguardian.vetted.VettedSettings;
import io.tokenguardian.vetted.VettedSettings.TokenContent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/** Reads the {@link Settings} from the configuration. Reports only the first invalid setting, in one line. */
public final class SettingsReader {
    private static final String HOST_VARIABLE = "KUBERNETES_SERVICE_HOST";
    private static final String PORT_VARIABLE = "KUBERNETES_SERVICE_PORT";

    private final SettingValues values;
    private final Path tokenFile;
    private final ProxySettings proxy;

    private SettingsReader(SettingValues values) {
        this.values = values;
        this.tokenFile = values.get(DeclaredSettings.TOKEN_PATH);
        this.proxy = proxy();
    }

    /**
     * Reads all settings. Logs a warning for each environment variable that looks like a setting but is not one.
     *
     * @throws SettingException on the first setting that is invalid or unknown
     */
    public static Settings read(Config config) {
        SettingValues values = new SettingValues(config);
        Settings settings = new SettingsReader(values).settings();
        UnknownSettings.check(config, values);
        return settings;
    }

    /** Reads only the leeway, for a command that runs outside a pod. */
    public static Duration leeway(Config config) {
        return new SettingValues(config).get(DeclaredSettings.API_SERVER_LEEWAY);
    }

    /** Throws a {@link SettingException} if it is invalid; the message is one line that begins with {@code option}. */
    public static AcceptedBy acceptedBy(String option, String text) {
        return DeclaredSettings.READINESS_ACCEPTED_BY.format().parse(option, text);
    }

    private Settings settings() {
        boolean off = values.get(DeclaredSettings.DISABLED);
        VettedSettings vetted = vetted();
        Path ca = values.find(DeclaredSettings.API_SERVER_CA);
        ApiServerAddress address = address();
        refuseItself(address);
        return new Settings(
                tokenFile,
                new Settings.ApiServerSettings(
                        address, ca == null ? tokenFile.resolveSibling("ca.crt") : ca, proxy.leeway()),
                values.get(DeclaredSettings.READINESS_CONFIRMATIONS),
                off ? AcceptedBy.NOBODY : values.get(DeclaredSettings.READINESS_ACCEPTED_BY),
                off ? ReadyFollows.START : values.get(DeclaredSettings.READINESS_FOLLOWS),
                values.get(DeclaredSettings.WAIT_TIMEOUT),
                off ? proxy.passingThrough() : proxy,
                vetted,
                podCondition(),
                values.get(DeclaredSettings.QUIT_ENABLED));
    }

    /**
     * Rejects the guardian's own in-cluster listener as the API server. This happens if the app's
     * KUBERNETES_SERVICE_HOST and _PORT are set for the guardian too.
     */
    private void refuseItself(ApiServerAddress address) {
        ProxySettings.InCluster inCluster = proxy.inCluster();
        if (inCluster == null || inCluster.listen().getPort() != address.port()) {
            return;
        }
        InetAddress host = NetUtil.createInetAddressFromIpAddressString(address.host());
        boolean loopback = address.host().equals("localhost") || (host != null && host.isLoopbackAddress());
        if (loopback || inCluster.listen().getAddress().equals(host)) {
            throw new SettingException(DeclaredSettings.API_SERVER_URL.name() + ": \"https://" + address.hostAndPort()
                    + "\" is wrong, since it is " + DeclaredSettings.IN_CLUSTER_PORT.name()
                    + " of this guardian; allowed is the real API server: " + HOST_VARIABLE + " and " + PORT_VARIABLE
                    + " should be set only for the app's containers");
        }
    }

    /** The condition is written through the proxy. */
    private boolean podCondition() {
        boolean on = values.get(DeclaredSettings.KUBERNETES_POD_CONDITION);
        if (on) {
            requireProxy(DeclaredSettings.KUBERNETES_POD_CONDITION, "true");
        }
        return on;
    }

    /** Rejects {@code setting} while the proxy is off, because the setting would have no effect. */
    private void requireProxy(Setting<?> setting, Object value) {
        if (!values.get(DeclaredSettings.PROXY_ENABLED)) {
            throw new SettingException(setting.name() + ": \"" + value + "\" needs the proxy: set "
                    + DeclaredSettings.PROXY_ENABLED.name() + "=true");
        }
    }

    private ProxySettings proxy() {
        Path unixSocket = values.find(DeclaredSettings.PROXY_UNIX_SOCKET);
        if (unixSocket != null) {
            requireProxy(DeclaredSettings.PROXY_UNIX_SOCKET, unixSocket);
        }
        return new ProxySettings(
                values.get(DeclaredSettings.PROXY_ENABLED) ? proxyAddress(unixSocket != null) : null,
                unixSocket,
                inCluster(),
                values.get(DeclaredSettings.PROXY_HOLD_TIMEOUT),
                values.get(DeclaredSettings.PROXY_REPLAY_LIMIT),
                values.get(DeclaredSettings.PROXY_ACCEPT_HOSTS),
                values.get(DeclaredSettings.PROXY_AUTHORIZATION),
                values.get(DeclaredSettings.API_SERVER_LEEWAY),
                ProxySettings.CONNECT_TIMEOUT,
                false);
    }

    /** Null if none. With a Unix socket, TCP needs the port to be set too, as with kubectl proxy. */
    private @Nullable InetSocketAddress proxyAddress(boolean unixSocket) {
        InetSocketAddress address =
                new InetSocketAddress(values.get(DeclaredSettings.PROXY_HOST), values.get(DeclaredSettings.PROXY_PORT));
        return unixSocket && values.find(DeclaredSettings.PROXY_PORT) == null ? null : address;
    }

    private ProxySettings.@Nullable InCluster inCluster() {
        Integer port = values.find(DeclaredSettings.IN_CLUSTER_PORT);
        Path directory = values.find(DeclaredSettings.IN_CLUSTER_DIRECTORY);
        if (port == null) {
            return null;
        }
        requireProxy(DeclaredSettings.IN_CLUSTER_PORT, port);
        if (directory == null) {
            throw new SettingException(DeclaredSettings.IN_CLUSTER_PORT.name() + ": \"" + port + "\" is wrong without "
                    + DeclaredSettings.IN_CLUSTER_DIRECTORY.name() + "; allowed is both");
        }
        Path vetted = values.find(DeclaredSettings.VETTED_DIRECTORY);
        if (vetted != null && normal(directory).startsWith(normal(vetted))) {
            throw new SettingException(DeclaredSettings.IN_CLUSTER_DIRECTORY.name() + ": \"" + directory
                    + "\" is wrong; allowed is any directory outside of guardian.vetted.directory, since it contains"
                    + " a key");
        }
        return new ProxySettings.InCluster(
                new InetSocketAddress(values.get(DeclaredSettings.PROXY_HOST), port), directory);
    }

    private static Path normal(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private TokenContent tokenContent() {
        TokenContent content = values.get(DeclaredSettings.VETTED_TOKEN);
        if (content == TokenContent.PLACEHOLDER) {
            requireProxy(DeclaredSettings.VETTED_TOKEN, "placeholder");
        }
        if (content == TokenContent.PLACEHOLDER && proxy.authorization() != AuthorizationPolicy.REPLACE) {
            throw new SettingException(DeclaredSettings.VETTED_TOKEN.name() + ": \"placeholder\" is wrong unless "
                    + DeclaredSettings.PROXY_AUTHORIZATION.name() + " is replace; allowed is accepted or usable, since"
                    + " no API server accepts a placeholder");
        }
        return content;
    }

    private VettedSettings vetted() {
        Path directory = values.find(DeclaredSettings.VETTED_DIRECTORY);
        Path kubeconfig = values.find(DeclaredSettings.VETTED_KUBECONFIG);
        if (kubeconfig != null) {
            requireProxy(DeclaredSettings.VETTED_KUBECONFIG, kubeconfig);
            if (!proxy.hasKnownPort()) {
                throw new SettingException(DeclaredSettings.VETTED_KUBECONFIG.name() + ": \"" + kubeconfig
                        + "\" needs a known proxy port: set " + DeclaredSettings.PROXY_PORT.name()
                        + " to a number from 1 to 65535");
            }
        }
        TokenContent content = tokenContent();
        return new VettedSettings(
                directory, kubeconfig, content, new FileAccess(values.find(DeclaredSettings.VETTED_MODE)));
    }

    private ApiServerAddress address() {
        String url = values.find(DeclaredSettings.API_SERVER_URL);
        return url == null
                ? address(HOST_VARIABLE + " and " + PORT_VARIABLE, inClusterUrl())
                : address(DeclaredSettings.API_SERVER_URL.name(), url);
    }

    private String inClusterUrl() {
        String host = values.expandedText(HOST_VARIABLE);
        String port = values.expandedText(PORT_VARIABLE);
        if (host == null || port == null) {
            throw new SettingException(DeclaredSettings.API_SERVER_URL.name() + " is not set, nor are both of "
                    + HOST_VARIABLE + " and " + PORT_VARIABLE
                    + ", which Kubernetes sets in a pod: set the URL, or both of these; outside a pod, use check"
                    + " --kubeconfig or explain");
        }
        return "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private ApiServerAddress address(String source, String url) {
        try {
            return ApiServerAddress.parse(url, values.find(DeclaredSettings.API_SERVER_SERVER_NAME));
        } catch (IllegalArgumentException e) {
            throw new SettingException(source + ": " + e.getMessage());
        }
    }
}
