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
    private static final String ENVIRONMENT = "EnvConfigSource";
    private static final Pattern FILE = Pattern.compile(".*\\[source=file:(?<path>.*)]");

    private final Config config;
    private final SettingValues values;

    SettingsListing(Config config) {
        this.config = config;
        this.values = new SettingValues(config);
    }

    Settings.Listing listing() {
        Map<String, String> dependentDefaults = new HashMap<>();
        String error = null;
        try {
            Settings settings = SettingsReader.read(config);
            Settings.ApiServerSettings apiServer = settings.apiServer();
            dependentDefaults.put(
                    DeclaredSettings.API_SERVER_URL.name(),
                    "https://" + apiServer.address().hostAndPort());
            dependentDefaults.put(
                    DeclaredSettings.API_SERVER_CA.name(), apiServer.ca().toString());
            dependentDefaults.put(
                    DeclaredSettings.API_SERVER_SERVER_NAME.name(),
                    apiServer.address().serverName());
        } catch (SettingException e) {
            error = String.valueOf(e.getMessage());
        }
        List<Settings.Listed> listed = new ArrayList<>();
        boolean told = error == null;
        List<Setting<?>> settings = new ArrayList<>(DeclaredSettings.all());
        settings.addAll(DeclaredSettings.OF_QUARKUS);
        for (Setting<?> setting : settings) {
            String errorOfReading =
                    error != null && error.matches(Pattern.quote(setting.name()) + "[: ](?s:.*)") ? error : null;
            told |= errorOfReading != null;
            listed.add(listed(setting, dependentDefaults.get(setting.name()), errorOfReading));
        }
        return new Settings.Listing(listed, told || error == null ? List.of() : List.of(error));
    }

    /** @param errorOfReading the error from reading all settings, if it is about this setting; else null */
    private Settings.Listed listed(
            Setting<?> setting, @Nullable String dependentDefault, @Nullable String errorOfReading) {
        String text = null;
        String error = errorOfReading;
        try {
            text = values.textOf(setting);
            if (text != null) {
                setting.parse(text);
            }
        } catch (SettingException e) {
            error = String.valueOf(e.getMessage());
        }
        ConfigValue found = values.written(setting.name());
        String raw = String.valueOf(found.getRawValue());
        boolean isSet = text != null || (error != null && found.getRawValue() != null);
        String origin = isSet ? origin(setting, found) : DEFAULT;
        String ofDefault = setting.defaultText() == null ? dependentDefault : setting.defaultText();
        return new Settings.Listed(
                setting.name(),
                Setting.variable(setting.name()),
                setting.plainDefault(),
                isSet ? masked(text == null ? raw : text) : ofDefault,
                origin,
                error);
    }

    private static String origin(Setting<?> setting, ConfigValue found) {
        String source = String.valueOf(found.getSourceName());
        Matcher file = FILE.matcher(source);
        if (source.equals(ENVIRONMENT)) {
            return "environment variable " + Setting.variable(setting.name());
        }
        if (source.startsWith("SysPropConfigSource")) {
            return "system property";
        }
        if (file.matches()) {
            return "file " + file.group("path");
        }
        return String.valueOf(found.getRawValue()).equals(setting.defaultText()) ? DEFAULT : source;
    }

    private static String masked(String value) {
        return SettingException.holdsToken(value) ? "***" : SettingException.masked(value);
    }
}
