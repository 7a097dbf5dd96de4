package io.tokenguardian.testing;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.tokenguardian.config.Settings;
import io.tokenguardian.config.SettingsReader;
import io.tokenguardian.proxy.ProxySettings;
import java.util.Map;

/** The settings of a pod that sets none of them, so that all have their default values. */
public final class DefaultSettings {

    private static final Settings SETTINGS = SettingsReader.read(new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(
                    Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1", "KUBERNETES_SERVICE_PORT", "443"), "pod", 300))
            .build());

    private DefaultSettings() {}

    public static Settings all() {
        return SETTINGS;
    }

    public static ProxySettings proxy() {
        return SETTINGS.proxy();
    }
}
