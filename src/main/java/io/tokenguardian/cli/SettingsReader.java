package io.tokenguardian.cli;

import io.quarkus.runtime.configuration.DurationConverter;
import io.tokenguardian.apiserver.ApiServerAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/** Reads the {@link Settings} from the configuration, and says in one line what is wrong with the first wrong one. */
final class SettingsReader {
    private static final String PREFIX = "guardian.";
    private static final Path MOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
    private static final String URL = "guardian.api-server.url";
    private static final String SERVER_NAME = "guardian.api-server.server-name";
    private static final String HOST_VARIABLE = "KUBERNETES_SERVICE_HOST";
    private static final String PORT_VARIABLE = "KUBERNETES_SERVICE_PORT";
    private static final String ENVIRONMENT = "EnvConfigSource";
    private static final Duration HOUR = Duration.ofHours(1);

    private final Config config;
    private final Set<String> known = new TreeSet<>();

    private SettingsReader(Config config) {
        this.config = config;
    }

    /**
     * Reads all settings.
     *
     * @throws SettingException on the first one that is wrong or that does not exist
     */
    static Settings read(Config config) {
        SettingsReader reader = new SettingsReader(config);
        Settings settings = reader.settings();
        reader.refuseUnknown();
        return settings;
    }

    private Settings settings() {
        Path token = path("guardian.token.path", MOUNT.resolve("token"));
        return new Settings(
                new Settings.TokenFile(
                        token,
                        duration("guardian.token.poll-interval", Duration.ofSeconds(1), Duration.ofMillis(10), HOUR)),
                new Settings.ApiServer(
                        address(),
                        path("guardian.api-server.ca", token.resolveSibling("ca.crt")),
                        duration("guardian.api-server.leeway", Duration.ofSeconds(60), Duration.ZERO, HOUR)),
                new Settings.Readiness(integer("guardian.readiness.confirmations", 3, 1, 100)),
                new Settings.Retry(duration("guardian.retry.young-token", Duration.ofSeconds(10), Duration.ZERO, HOUR)),
                new Settings.Wait(
                        duration("guardian.wait.timeout", Duration.ofMinutes(5), Duration.ZERO, Duration.ofHours(24))));
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

    private Path path(String name, Path fallback) {
        return parsed(name, fallback, "a path of the file system", value -> {
            try {
                return Path.of(value);
            } catch (InvalidPathException e) {
                return null;
            }
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

    private Duration duration(String name, Duration fallback, Duration least, Duration most) {
        return parsed(name, fallback, durationAllowed(least, most), value -> parseDuration(value, least, most));
    }

    /** A duration as Quarkus writes them, or null when it is none or out of bounds. */
    static @Nullable Duration parseDuration(String value, Duration least, Duration most) {
        try {
            // Null for an empty text.
            @Nullable Duration duration = DurationConverter.parseDuration(value);
            return duration == null || duration.compareTo(least) < 0 || duration.compareTo(most) > 0 ? null : duration;
        } catch (IllegalArgumentException | ArithmeticException e) {
            return null;
        }
    }

    static String durationAllowed(Duration least, Duration most) {
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
        String value = text(name);
        if (value == null) {
            return fallback;
        }
        T parsed = parser.apply(value);
        if (parsed == null) {
            throw new SettingException(name + ": \"" + value + "\" is wrong; allowed is " + allowed);
        }
        return parsed;
    }

    /** The value of a setting; null when it is not set or empty. */
    private @Nullable String text(String name) {
        known.add(name);
        return environment(name);
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

    /**
     * A setting that is misspelt must not be taken for one that is not set. The environment is left out: Kubernetes
     * puts {@code GUARDIAN_PORT} and the like there for a service that happens to be named guardian.
     */
    private void refuseUnknown() {
        for (String name : config.getPropertyNames()) {
            if (name.startsWith(PREFIX) && !known.contains(name) && !isEnvironment(name)) {
                throw new SettingException(name + " is no setting; there are " + String.join(", ", known));
            }
        }
    }

    private boolean isEnvironment(String name) {
        String source = config.getConfigValue(name).getSourceName();
        return source != null && source.startsWith(ENVIRONMENT);
    }
}
