package io.tokenguardian.config;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** Finds names in the configuration that resemble settings but are not settings. */
final class UnknownSettings {
    private static final Logger LOG = Logger.getLogger(UnknownSettings.class);
    private static final String PREFIX = "guardian.";
    private static final String VARIABLE_PREFIX = "GUARDIAN_";

    /** Settings of earlier releases, and the reason why each was removed. */
    private static final Map<String, String> REMOVED = Map.of(
            "guardian.proxy.http2",
            "HTTP/2 to the API server is gone, because a 401 over it costs the connection and all requests on it");

    private final Config config;
    private final SettingValues values;
    private final Set<String> known;

    /** @param known the names of all settings */
    UnknownSettings(Config config, SettingValues values, Set<String> known) {
        this.config = config;
        this.values = values;
        this.known = known;
    }

    /**
     * Refuses a setting of an earlier release, whatever its value, also as a variable, because it would have no effect.
     *
     * @throws SettingException with the reason why it was removed
     */
    static void refuseRemoved(SettingValues values) {
        REMOVED.forEach((name, reason) -> {
            String written = values.written(name).getRawValue();
            if (written != null && !written.isBlank()) {
                throw new SettingException(name + " is not a setting any more: " + reason);
            }
        });
    }

    /**
     * Refuses an unknown property, because a misspelt setting must not count as a setting that is not set.
     *
     * @throws SettingException for the first unknown name, with the name that is probably meant
     */
    void refuseProperties() {
        for (String name : config.getPropertyNames()) {
            if (name.startsWith(PREFIX) && !known.contains(name) && !values.isFromEnvironment(name)) {
                Set<String> meant = new TreeSet<>(known);
                meant.addAll(AudienceTokenReader.settingsLike(name));
                throw new SettingException(noSetting(name, NearestName.nearestTo(name, meant)));
            }
        }
    }

    /** Warns of an unknown variable. It may belong to another program, and so must not prevent the start. */
    void warnOfVariables() {
        Set<String> variables = known.stream().map(Setting::variable).collect(Collectors.toCollection(TreeSet::new));
        config.getConfigSources().forEach(source -> {
            if (SettingValues.isEnvironmentSource(source.getName())) {
                new TreeMap<>(source.getProperties()).forEach((name, value) -> {
                    String variable = Setting.variable(name);
                    if (variable.startsWith(VARIABLE_PREFIX)
                            && !variables.contains(variable)
                            && !ServiceVariable.isServiceVariable(name, value)) {
                        LOG.warn(noSetting(name, nearestVariable(name, variables)));
                    }
                });
            }
        });
    }

    private static String nearestVariable(String name, Set<String> variables) {
        Set<String> meant = new TreeSet<>(variables);
        AudienceTokenReader.settingsLike(name).forEach(setting -> meant.add(Setting.variable(setting)));
        return NearestName.nearestTo(Setting.variable(name), meant);
    }

    private static String noSetting(String name, String nearest) {
        return name + " is not a setting; did you mean " + nearest + "?";
    }
}
