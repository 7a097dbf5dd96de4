package io.tokenguardian.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;

/** The settings in application.properties. */
final class ApplicationProperties {

    private ApplicationProperties() {}

    static Properties read() throws IOException {
        Properties settings = new Properties();
        try (InputStream file =
                Objects.requireNonNull(ApplicationProperties.class.getResourceAsStream("/application.properties"))) {
            settings.load(file);
        }
        return settings;
    }
}
