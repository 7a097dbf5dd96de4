package io.tokenguardian.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/** Lists the settings for {@code token-guardian settings}. A credential that a user has put into one is masked. */
final class SettingsListing {
    private static final String DEFAULT = "default";
    private static final Pattern FILE = Pattern.compile(".*\\[source=file:(?<path>.*)]");

    private final Config config;
    private final SettingValues values;

    SettingsListing(Config config) {
        this.config = config;
        this.values = new SettingValues(config);
    }

    Settings.Listing listing() {
        Map<String, String> dependentDefaults = new HashMap<>();
        List<String> errors = new ArrayList<>();
        try {
            Settings.ApiServerSettings apiServer = SettingsReader.read(config).apiServer();
            dependentDefaults.put(
                    DeclaredSettings.API_SERVER_URL.name(),
                    "https://" + apiServer.address().hostAndPort());
            dependentDefaults.put(
                    DeclaredSettings.API_SERVER_CA.name(), apiServer.ca().toString());
            dependentDefaults.put(
                    DeclaredSettings.API_SERVER_SERVER_NAME.name(),
                    apiServer.address().serverName());
        } catch (SettingException e) {
            errors.add(String.valueOf(e.getMessage()));
        }
        List<Settings.Listed> listed = DeclaredSettings.all().stream()
                .map(setting -> listed(setting, dependentDefaults.get(setting.name())))
                .toList();
        listed.forEach(setting -> errors.remove(setting.error()));
        return new Settings.Listing(listed, errors);
    }

    private Settings.Listed listed(Setting<?> setting, @Nullable String dependentDefault) {
        ConfigValue found = values.written(setting.name());
        String text = null;
        String error = null;
        try {
            text = values.textOf(setting);
            if (text != null) {
                setting.parse(text);
            }
        } catch (SettingException e) {
            text = text == null ? found.getRawValue() : text;
            error = e.getMessage();
        }
        String defaultValue = setting.defaultText() == null ? dependentDefault : setting.defaultText();
        return new Settings.Listed(
                setting.name(),
                Setting.variable(setting.name()),
                setting.plainDefault(),
                text == null ? defaultValue : masked(text),
                text == null ? DEFAULT : origin(setting, found),
                error);
    }

    private static String origin(Setting<?> setting, ConfigValue found) {
        String source = String.valueOf(found.getSourceName());
        Matcher file = FILE.matcher(source);
        if (file.matches()) {
            return "file " + file.group("path");
        }
        if (SettingValues.isEnvironmentSource(source)) {
            return "environment variable " + Setting.variable(setting.name());
        }
        if (source.startsWith("SysPropConfigSource")) {
            return "system property";
        }
        return String.valueOf(found.getRawValue()).equals(setting.defaultText()) ? DEFAULT : source;
    }

    private static String masked(String value) {
        return SettingException.holdsToken(value) ? "***" : SettingException.masked(value);
    }
}
