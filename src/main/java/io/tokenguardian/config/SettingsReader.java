package io.tokenguardian.config;

import com.google.re2j.Pattern;
import io.netty.util.NetUtil;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.proxy.ProxySettings;
import io.tokenguardian.proxy.RulePatterns;
import io.tokenguardian.vetted.FileAccess;
import io.tokenguardian.vetted.VettedSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Reads the {@link Settings} from the configuration. Reports the first wrong one in one line. */
public final class SettingsReader {
    private static final String PREFIX = "guardian.";
    private static final Path MOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
    private static final String URL = "guardian.api-server.url";
    private static final String SERVER_NAME = "guardian.api-server.server-name";
    private static final String HOST_VARIABLE = "KUBERNETES_SERVICE_HOST";
    private static final String PORT_VARIABLE = "KUBERNETES_SERVICE_PORT";
    private static final Logger LOG = Logger.getLogger(SettingsReader.class);
    private static final String ENVIRONMENT = "EnvConfigSource";
    private static final String VARIABLE_PREFIX = "GUARDIAN_";
    private static final String VETTED_DIRECTORY = "guardian.vetted.directory";
    private static final String VETTED_KUBECONFIG = "guardian.vetted.kubeconfig";
    private static final String PROXY_PORT = "guardian.proxy.port";
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final MemorySizeConverter MEMORY = new MemorySizeConverter();
    private static final long MOST_BYTES = 1L << 30;

    private final Config config;
    private final Set<String> known = new TreeSet<>();

    private SettingsReader(Config config) {
        this.config = config;
    }

    /**
     * Reads all settings. Logs a warning for an environment variable that looks like a setting but is not one.
     *
     * @throws SettingException on the first setting that is wrong or unknown
     */
    public static Settings read(Config config) {
        SettingsReader reader = new SettingsReader(config);
        Settings settings = reader.settings();
        reader.refuseUnknown();
        reader.warnOfUnknownVariables();
        return settings;
    }

    private Settings settings() {
        Path token = path("guardian.token.path", MOUNT.resolve("token"));
        Duration leeway = duration("guardian.api-server.leeway", Duration.ofSeconds(60), Duration.ZERO, HOUR);
        Duration youngToken = duration("guardian.retry.young-token", Duration.ofSeconds(10), Duration.ZERO, HOUR);
        ProxySettings proxy = proxy(ProxySettings.defaults(), leeway, youngToken);
        VettedSettings vetted = vetted(token, proxy);
        AudienceTokenReader audienceTokens = new AudienceTokenReader(config, this::text, token, vetted);
        return new Settings(
                new Settings.TokenFile(
                        token,
                        duration("guardian.token.poll-interval", Duration.ofSeconds(1), Duration.ofMillis(10), HOUR)),
                new Settings.ApiServer(
                        address(),
                        path("guardian.api-server.ca", token.resolveSibling("ca.crt")),
                        leeway,
                        throughTheProxy("guardian.api-server.discover-replicas", proxy)),
                new Settings.Readiness(integer("guardian.readiness.confirmations", 3, 1, 100)),
                new Settings.Retry(youngToken),
                new Settings.Wait(duration("guardian.wait.timeout", Duration.ofMinutes(5), Duration.ZERO, DAY)),
                proxy,
                audienceTokens.vetted(),
                new Settings.Kubernetes(
                        throughTheProxy("guardian.kubernetes.pod-condition", proxy),
                        throughTheProxy("guardian.kubernetes.events", proxy)),
                audienceTokens.sources());
    }

    /** Reads the switch of a feature that reaches the API server through our own proxy. */
    private boolean throughTheProxy(String name, ProxySettings proxy) {
        boolean on = bool(name, false);
        if (on) {
            requirePort(name, "true", proxy);
        }
        return on;
    }

    /** Requires a proxy port that is known in advance, for a setting that makes clients use the proxy. */
    private static void requirePort(String name, Object value, ProxySettings proxy) {
        if (proxy.listen() == null || proxy.listen().getPort() == 0) {
            throw new SettingException(name + ": \"" + value + "\" is wrong without a port to lead to; allowed is "
                    + PROXY_PORT + " from 1 to 65535");
        }
    }

    private ProxySettings proxy(ProxySettings defaults, Duration leeway, Duration youngToken) {
        Path unixSocket = optionalPath("guardian.proxy.unix-socket");
        return new ProxySettings(
                proxyAddress(unixSocket != null),
                unixSocket,
                duration("guardian.proxy.hold-timeout", defaults.holdTimeout(), Duration.ZERO, DAY),
                bytes("guardian.proxy.replay-limit", defaults.replayLimit()),
                bytes("guardian.proxy.replay-total", defaults.replayTotal()),
                integer("guardian.proxy.max-held", defaults.maxHeld(), 0, 1_000_000),
                patterns("guardian.proxy.accept-hosts", defaults.acceptHosts()),
                patterns("guardian.proxy.accept-paths", defaults.acceptPaths()),
                patterns("guardian.proxy.reject-paths", defaults.rejectPaths()),
                patterns("guardian.proxy.reject-methods", defaults.rejectMethods()),
                word("guardian.proxy.authorization", defaults.authorization()),
                word("guardian.proxy.http2", defaults.http2()),
                leeway,
                youngToken,
                defaults.connectTimeout(),
                defaults.keepalive());
    }

    private VettedSettings vetted(Path token, ProxySettings proxy) {
        Path directory = optionalPath(VETTED_DIRECTORY);
        Path source = token.toAbsolutePath().normalize().getParent();
        if (directory != null && directory.toAbsolutePath().normalize().equals(source)) {
            throw new SettingException(VETTED_DIRECTORY + ": \"" + directory
                    + "\" is wrong; allowed is any directory but the one that guardian.token.path is in");
        }
        Path kubeconfig = optionalPath(VETTED_KUBECONFIG);
        if (kubeconfig != null) {
            requirePort(VETTED_KUBECONFIG, kubeconfig, proxy);
        }
        return new VettedSettings(
                directory,
                kubeconfig,
                new FileAccess(mode("guardian.vetted.mode"), group("guardian.vetted.group")),
                List.of());
    }

    private @Nullable Set<PosixFilePermission> mode(String name) {
        return optional(name, "an octal file mode such as 0640, from 0400 to 0777", value -> {
            if (!value.matches("0?[4-7][0-7]{2}")) {
                return null;
            }
            StringBuilder symbolic = new StringBuilder("rwxrwxrwx");
            int bits = Integer.parseInt(value, 8);
            for (int i = 0; i < symbolic.length(); i++) {
                if ((bits >> (symbolic.length() - 1 - i) & 1) == 0) {
                    symbolic.setCharAt(i, '-');
                }
            }
            return PosixFilePermissions.fromString(symbolic.toString());
        });
    }

    private @Nullable GroupPrincipal group(String name) {
        return optional(name, "a group of this container or a group's number", value -> {
            try {
                return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(value);
            } catch (IOException e) {
                return null;
            }
        });
    }

    /** With a Unix socket, the proxy listens on TCP only if its port is set too, as with kubectl proxy. */
    private @Nullable InetSocketAddress proxyAddress(boolean unixSocket) {
        InetAddress host = parsed(
                "guardian.proxy.host",
                InetAddress.getLoopbackAddress(),
                "an IP address",
                value -> NetUtil.createInetAddressFromIpAddressString(value));
        int port = integer(PROXY_PORT, 8001, 0, 65_535);
        return unixSocket && text(PROXY_PORT) == null ? null : new InetSocketAddress(host, port);
    }

    private ApiServerAddress address() {
        String url = text(URL);
        String serverName = text(SERVER_NAME);
        if (url != null) {
            return parseAddress(url, serverName);
        }
        String host = environment(HOST_VARIABLE);
        String port = environment(PORT_VARIABLE);
        if (host == null || port == null) {
            throw new SettingException(URL + " is not set, and neither are " + HOST_VARIABLE + " and " + PORT_VARIABLE
                    + ", which Kubernetes sets in a pod: set one or the other");
        }
        try {
            return ApiServerAddress.inCluster(host, port, serverName);
        } catch (IllegalArgumentException e) {
            throw new SettingException(
                    HOST_VARIABLE + ", " + PORT_VARIABLE + " or " + SERVER_NAME + ": " + e.getMessage());
        }
    }

    private static ApiServerAddress parseAddress(String url, @Nullable String serverName) {
        try {
            ApiServerAddress.parse(url, null);
        } catch (IllegalArgumentException e) {
            throw new SettingException(URL + ": " + e.getMessage());
        }
        try {
            return ApiServerAddress.parse(url, serverName);
        } catch (IllegalArgumentException e) {
            throw new SettingException(SERVER_NAME + ": " + e.getMessage());
        }
    }

    private @Nullable Path optionalPath(String name) {
        return text(name) == null ? null : path(name, MOUNT);
    }

    private Path path(String name, Path fallback) {
        return parsed(name, fallback, "a path of the file system", value -> {
            try {
                return Path.of(value);
            } catch (InvalidPathException e) {
                return null;
            }
        });
    }

    private boolean bool(String name, boolean fallback) {
        return parsed(name, fallback, "true or false", value -> switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> null;
        });
    }

    private int integer(String name, int fallback, int least, int most) {
        return parsed(name, fallback, "a whole number from " + least + " to " + most, value -> {
            try {
                int number = Integer.parseInt(value);
                return number < least || number > most ? null : number;
            } catch (NumberFormatException e) {
                return null;
            }
        });
    }

    private long bytes(String name, long fallback) {
        return parsed(name, fallback, "a number of bytes such as 512K, 3M or 1G, up to 1G", value -> {
            try {
                long bytes = MEMORY.convert(value).asLongValue();
                return bytes < 0 || bytes > MOST_BYTES ? null : bytes;
            } catch (IllegalArgumentException e) {
                return null;
            }
        });
    }

    /**
     * Reads the raw text: if the configuration filled in expressions, {@code \$} would become {@code $}. An empty text
     * means no patterns, as with kubectl proxy. So it is wrong for a setting whose default has patterns.
     */
    private List<Pattern> patterns(String name, List<Pattern> fallback) {
        known.add(name);
        String text = config.getConfigValue(name).getRawValue();
        if (text == null || (text.isEmpty() && fallback.isEmpty())) {
            return fallback;
        }
        try {
            return RulePatterns.parse(text);
        } catch (IllegalArgumentException e) {
            String oneLine = (text + "\" is wrong (" + e.getMessage()).replaceAll("\\p{Cntrl}", " ");
            throw new SettingException(
                    name + ": \"" + oneLine + "); allowed are regular expressions of RE2, separated by commas");
        }
    }

    private <E extends Enum<E>> E word(String name, E fallback) {
        E[] all = fallback.getDeclaringClass().getEnumConstants();
        String allowed = Arrays.stream(all).map(SettingsReader::word).collect(Collectors.joining(" or "));
        return parsed(
                name,
                fallback,
                allowed,
                value -> Arrays.stream(all)
                        .filter(one -> word(one).equals(value))
                        .findFirst()
                        .orElse(null));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private Duration duration(String name, Duration fallback, Duration least, Duration most) {
        return parsed(name, fallback, allowedDurations(least, most), value -> parseDuration(value, least, most));
    }

    /** Returns a duration in Quarkus's format; null if {@code value} is not a duration, or is out of bounds. */
    public static @Nullable Duration parseDuration(String value, Duration least, Duration most) {
        try {
            // Null if the text is empty.
            @Nullable Duration duration = DurationConverter.parseDuration(value);
            return duration == null || duration.compareTo(least) < 0 || duration.compareTo(most) > 0 ? null : duration;
        } catch (IllegalArgumentException | ArithmeticException e) {
            return null;
        }
    }

    public static String allowedDurations(Duration least, Duration most) {
        return "a duration such as 500ms, 10s, 5m or 1h, from " + text(least) + " to " + text(most);
    }

    private static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis % HOUR.toMillis() == 0 && millis > 0) {
            return duration.toHours() + "h";
        }
        return millis % 1_000 == 0 ? duration.toSeconds() + "s" : millis + "ms";
    }

    private <T> T parsed(String name, T fallback, String allowed, Function<String, @Nullable T> parser) {
        T parsed = optional(name, allowed, parser);
        return parsed == null ? fallback : parsed;
    }

    private <T> @Nullable T optional(String name, String allowed, Function<String, @Nullable T> parser) {
        String value = text(name);
        if (value == null) {
            return null;
        }
        T parsed = parser.apply(value);
        if (parsed == null) {
            throw new SettingException(name + ": \"" + value + "\" is wrong; allowed is " + allowed);
        }
        return parsed;
    }

    /** The value of a setting; null if it is not set or empty, or if kubelet set its variable for a service. */
    private @Nullable String text(String name) {
        known.add(name);
        return isEnvironment(name)
                        && ServiceVariable.isServiceVariable(
                                variable(name), config.getConfigValue(name).getRawValue())
                ? null
                : environment(name);
    }

    private @Nullable String environment(String name) {
        ConfigValue found = config.getConfigValue(name);
        String value = found.getValue();
        String raw = found.getRawValue();
        if (value == null && raw != null && !raw.isBlank()) {
            throw new SettingException(
                    name + ": \"" + raw + "\" is wrong; allowed are expressions ${NAME} of names that"
                            + " have a value, and \\${ for the characters themselves");
        }
        return value == null || value.isBlank() ? null : value.strip();
    }

    /** A misspelt setting must not be treated as one that is not set. */
    private void refuseUnknown() {
        for (String name : config.getPropertyNames()) {
            if (name.startsWith(PREFIX) && !known.contains(name) && !isEnvironment(name)) {
                Set<String> meant = new TreeSet<>(known);
                meant.addAll(AudienceTokenReader.settingsLike(name));
                throw new SettingException(noSetting(name, NearestName.nearestTo(name, meant)));
            }
        }
    }

    /** Only warns: a variable of another program may begin like one of ours, and must not prevent the start. */
    private void warnOfUnknownVariables() {
        Set<String> variables =
                known.stream().map(SettingsReader::variable).collect(Collectors.toCollection(TreeSet::new));
        config.getConfigSources().forEach(source -> {
            if (isEnvironmentSource(source.getName())) {
                new TreeMap<>(source.getProperties()).forEach((name, value) -> {
                    if (variable(name).startsWith(VARIABLE_PREFIX)
                            && !variables.contains(variable(name))
                            && !ServiceVariable.isServiceVariable(name, value)) {
                        LOG.warn(noSetting(name, nearestVariable(name, variables)));
                    }
                });
            }
        });
    }

    private static String nearestVariable(String name, Set<String> variables) {
        Set<String> meant = new TreeSet<>(variables);
        AudienceTokenReader.settingsLike(name).forEach(setting -> meant.add(variable(setting)));
        return NearestName.nearestTo(variable(name), meant);
    }

    private static String noSetting(String name, String nearest) {
        return name + " is no setting; did you mean " + nearest + "?";
    }

    /** The variable of the environment for a setting. */
    private static String variable(String setting) {
        return setting.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private boolean isEnvironment(String name) {
        return isEnvironmentSource(config.getConfigValue(name).getSourceName());
    }

    static boolean isEnvironmentSource(@Nullable String source) {
        return source != null && source.startsWith(ENVIRONMENT);
    }
}
