package io.tokenguardian.config;

import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** Finds names in the configuration that look like settings but are unknown. */
final class UnknownSettings {
    private static final Logger LOG = Logger.getLogger(UnknownSettings.class);
    private static final String PREFIX = "guardian.";
    private static final String VARIABLE_PREFIX = "GUARDIAN_";
    private static final String NO_SETTING = " is not a setting; the command settings lists them all";

    private UnknownSettings() {}

    /**
     * Rejects an unknown property, because a misspelled setting must not be treated as unset. Warns of unknown
     * variables, which may belong to another program.
     */
    static void check(Config config, SettingValues values) {
        Set<String> known =
                DeclaredSettings.all().stream().map(Setting::name).collect(Collectors.toCollection(TreeSet::new));
        for (String name : config.getPropertyNames()) {
            if (name.startsWith(PREFIX) && !known.contains(name) && !values.isFromEnvironment(name)) {
                throw new SettingException(name + NO_SETTING);
            }
        }
        Set<String> variables = known.stream().map(Setting::variable).collect(Collectors.toCollection(TreeSet::new));
        config.getConfigSources().forEach(source -> {
            if (SettingValues.isEnvironmentSource(source.getName())) {
                new TreeMap<>(source.getProperties()).forEach((name, value) -> {
                    String variable = Setting.variable(name);
                    if (variable.startsWith(VARIABLE_PREFIX)
                            && !variables.contains(variable)
                            && !SettingValues.isOfService(name, value)) {
                        LOG.warn(name + NO_SETTING);
                    }
                });
            }
        });
    }
}
