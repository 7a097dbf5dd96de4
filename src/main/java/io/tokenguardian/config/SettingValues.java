package io.tokenguardian.config;

import io.smallrye.config.Expressions;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.jspecify.annotations.Nullable;

final class SettingValues {
    private static final String ENVIRONMENT = "EnvConfigSource";

    /** A variable and value that kubelet sets for a service (Kubernetes, pkg/kubelet/envvars/envvars.go). */
    private static final Pattern OF_SERVICE = Pattern.compile(
            "[A-Z0-9_]+_(SERVICE_HOST=.*|SERVICE_PORT(_[A-Z0-9_]+)?=\\d+"
                    + "|PORT(_\\d+_(TCP|UDP|SCTP))?=(tcp|udp|sctp)://.*|PORT_\\d+_(TCP|UDP|SCTP)_(ADDR|PORT|PROTO)=.*)");

    private final Config config;

    SettingValues(Config config) {
        this.config = config;
    }

    /** Like {@link #find}, with the default in place of null. */
    <T> T get(Setting<T> setting) {
        T value = find(setting);
        return value == null ? setting.defaultValue() : value;
    }

    /** Returns null if not set, blank, or kubelet's for a service; throws a {@link SettingException} if invalid. */
    <T> @Nullable T find(Setting<T> setting) {
        String text = textOf(setting);
        return text == null ? null : setting.parse(text);
    }

    /** @throws SettingException if the text contains an expression that can't be expanded */
    @Nullable
    String textOf(Setting<?> setting) {
        String name = setting.name();
        ConfigValue written = written(name);
        boolean ofService = isEnvironmentSource(written.getSourceName())
                && isOfService(Setting.variable(name), written.getRawValue());
        return ofService ? null : expandedText(name);
    }

    /** Returns null if {@code name} is not set or blank; refuses an expression that can't be expanded. */
    @Nullable
    String expandedText(String name) {
        String raw = written(name).getRawValue();
        if (raw == null || raw.isBlank()) {
            return null;
        }
        String value = null;
        try {
            value = config.getConfigValue(name).getValue();
        } catch (IllegalArgumentException e) {
            // the expression refers to itself
        }
        if (value == null) {
            throw new SettingException(name + ": \"" + raw + "\" is wrong; allowed are expressions ${NAME} whose NAME"
                    + " has a value, and \\${ for a literal ${");
        }
        return value.isBlank() ? null : value.strip();
    }

    /** Returns the value as written, without expanding its expressions, and the origin of the value. */
    ConfigValue written(String name) {
        return Expressions.withoutExpansion(() -> config.getConfigValue(name));
    }

    boolean isFromEnvironment(String name) {
        return isEnvironmentSource(written(name).getSourceName());
    }

    /** A service may have any name: {@code guardian-proxy} results in {@code GUARDIAN_PROXY_PORT}. */
    static boolean isOfService(String variable, @Nullable String value) {
        return OF_SERVICE.matcher(variable + "=" + value).matches();
    }

    static boolean isEnvironmentSource(@Nullable String source) {
        return source != null && source.startsWith(ENVIRONMENT);
    }
}
