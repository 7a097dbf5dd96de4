package io.tokenguardian.cli;

import io.tokenguardian.config.Settings;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/** Has a wrong setting end {@code serve} before a port is bound: a port in use would hide it. */
@Singleton
final class SettingsCheck {
    private final Config config;
    private final Provider<Settings> settings;

    SettingsCheck(Config config, Provider<Settings> settings) {
        this.config = config;
        this.settings = settings;
    }

    /** Quarkus makes the router before it listens. */
    void check(@Observes Router router) {
        if (Main.isServing()) {
            Settings.checkListeners(config);
            settings.get();
        }
    }
}
