package io.tokenguardian.cli;

import io.tokenguardian.config.Settings;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/** Ends {@code serve} if a setting is invalid, before an error about a port in use can hide that. */
@Singleton
final class SettingsCheck {
    private final Config config;
    private final Provider<Settings> settings;

    SettingsCheck(Config config, Provider<Settings> settings) {
        this.config = config;
        this.settings = settings;
    }

    /** This is early enough, because Quarkus creates the router before it starts listening. */
    void check(@Observes Router router) {
        if (Main.isServing()) {
            Settings.checkListeners(config);
            settings.get();
        }
    }
}
