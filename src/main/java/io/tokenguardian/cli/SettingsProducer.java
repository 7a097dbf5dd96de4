package io.tokenguardian.cli;

import io.tokenguardian.config.Settings;
import io.tokenguardian.config.SettingsReader;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.verdict.TokenTerms;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/** Reads the settings when they are first needed. Some parts must not depend on {@link Settings}. */
@Singleton
final class SettingsProducer {
    @Produces
    @Singleton
    Settings settings(Config config) {
        return SettingsReader.read(config);
    }

    @Produces
    @Singleton
    TokenTerms.AcceptancePolicy acceptancePolicy(Settings settings) {
        return new TokenTerms.AcceptancePolicy(settings.apiServer().leeway(), settings.confirmations());
    }

    @Produces
    @Singleton
    AcceptedBy acceptedBy(Settings settings) {
        return settings.acceptedBy();
    }
}
